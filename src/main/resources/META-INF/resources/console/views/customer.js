// What to tell a customer who complains.
import { html } from '../../lib/preact.js';
import { usePoll, withQuery } from '../api.js';
import { go, Link } from '../location.js';
import { Empty, Failure, Outcome, Pages } from '../parts.js';
import { Title } from '../title.js';
import { Time, ZONE } from '../words.js';

const PAGE = 50;

/** The view of one customer's requests. */
export function Customer({ parameters }) {
  const { referenceid, offset = '' } = parameters;
  const poll = usePoll(referenceid ? withQuery('refunds', { referenceid, zone: ZONE, limit: PAGE, offset }) : null, 10000);
  const find = event => {
    event.preventDefault();
    go({ view: 'customer', referenceid: new FormData(event.target).get('referenceid').trim() });
  };
  return html`<${Title} text="A customer complains" />
    <form class="tools" role="search" aria-label="Customer" key=${referenceid} onSubmit=${find}>
      <label>Reference id <input name="referenceid" inputmode="numeric" pattern="\\s*[0-9]{1,18}\\s*" title="1 to 18 digits" required
        defaultValue=${referenceid ?? ''} /></label><button type="submit">Find</button></form>
    ${poll.trouble && (poll.trouble.status === 404
      ? html`<${Empty}>${referenceid}: ${poll.trouble.message}.<//>`
      : html`<${Failure} poll=${poll} />`)}
    ${poll.data && html`<p class="lead read-out">${poll.data.sentence}</p>
      <div class="wide"><table class="history"><caption class="hidden">Requests, the newest first</caption>
        <thead><tr><th scope="col">Accepted</th><th scope="col">Ackno</th><th scope="col">Outcome</th><th scope="col">Code</th>
          <th scope="col">Message</th><th scope="col">Answered</th><th scope="col">Batch</th></tr></thead>
        <tbody>${poll.data.history.map(request => html`<tr key=${`${request.batch} ${request.line}`}>
          <td data-label="Accepted"><${Time} at=${request.claimed_at} /></td><td data-label="Ackno">${request.ackno}</td>
          <td><${Outcome} name=${request.state} /></td><td data-label="Code">${request.response_code ?? ''}</td>
          <td class="message">${request.message ?? ''}${request.resent.map(word => html`<br /><span class="note">sent again <${Time}
            at=${word.asked_at} /> by ${word.asked_by}${word.reason ? `: ${word.reason}` : ''}; before: ${word.message}</span>`)}</td>
          <td data-label="Answered"><${Time} at=${request.answered_at} /></td>
          <td class="batch" data-label="Batch">${request.source === 'FILE'
            ? html`<${Link} to=${{ batch: request.batch, referenceid }}>${request.batch}<//>`
            : request.batch} line ${request.line}</td></tr>`)}</tbody>
      </table></div>
      <${Pages} label="Pages of requests" first=${offset && { view: 'customer', referenceid }}
        next=${poll.data.next && { view: 'customer', referenceid, offset: Number(offset || 0) + PAGE }} />`}`;
}
