// Batches and resends of so many rows that another person must agree (refund.release-above).
import { html } from '../../lib/preact.js';
import { post, usePoll, withQuery } from '../api.js';
import { Deed } from '../deeds.js';
import { Link } from '../location.js';
import { Empty, Failure, Pages } from '../parts.js';
import { Title } from '../title.js';
import { count, number, Time } from '../words.js';

const PAGE = 50;

/** Whether it came from whoever looks, over REST or at the command line; the service asks the same. */
const isOwn = (waiting, caller) => waiting.asked_by.replace(/ at the command line$/, '').toLowerCase() === caller.name?.toLowerCase();

/** What it is about, as links to the rows; from a dialog they open beside it. */
function Rows({ waiting, target }) {
  if (waiting.kind === 'batch') return html`<${Link} to=${{ batch: waiting.id }} target=${target}>${waiting.id}<//>`;
  const others = waiting.rows - waiting.parts.reduce((sum, part) => sum + part.rows, 0);
  return html`<ul class="lines">${waiting.parts.map(({ batch, source, rows, first_line: line }) => html`<li key=${batch}>${count(rows, 'row')} of ${
    source === 'FILE' ? html`<${Link} to=${{ batch, outcome: 'IN_DOUBT', after: line - 1 }} target=${target}>${batch}<//>` : batch}, from line ${line}</li>`)}
    ${others > 0 && html`<li>${count(others, 'row')} of other batches</li>`}</ul>`;
}

function Deeds({ waiting, caller }) {
  if (!caller.roles.includes('submit')) return null;
  const act = deed => async (body, key) => {
    const done = await post(`releases/${encodeURIComponent(waiting.id)}/${deed}`, body, key);
    return html`<p>${done.id}: ${done.decision} by ${done.by}.</p>`;
  };
  const customers = count(waiting.rows, 'customer');
  return html`${isOwn(waiting, caller)
    ? html`<span class="note">It comes from you: another person must release it.</span>`
    : html`<${Deed} name=${`Release: text ${customers}`} danger rows=${waiting.rows} caller=${caller} act=${act('release')}>
      <p>Asked by ${waiting.asked_by}${waiting.reason ? ` (${waiting.reason})` : ''}, who cannot release it. Up to ${customers} are texted${
        waiting.kind === 'resend' ? ' again' : ''}.</p><${Rows} waiting=${waiting} target="_blank" /><//>`}
    <${Deed} name="Refuse" title=${`Refuse ${waiting.id}`} rows=${waiting.kind === 'batch' ? waiting.rows : 0} caller=${caller} act=${act('refuse')}>
      <p>${waiting.kind === 'batch' ? 'Its rows end REJECTED, for good.' : 'Its rows stay in doubt.'}</p><${Rows} waiting=${waiting} target="_blank" /><//>`;
}

/** The view of what waits for another person. */
export function Releases({ parameters, caller }) {
  const { offset = '' } = parameters;
  const poll = usePoll(withQuery('releases', { limit: PAGE, offset }), 4000);
  const waiting = poll.data?.waiting ?? [];
  return html`<${Title} text="Releases" />
    <${Failure} poll=${poll} />
    ${poll.data && waiting.length === 0 && html`<${Empty}>Nothing waits for another person's release.<//>`}
    ${waiting.length > 0 && html`<div class="wide"><table class="releases"><caption class="hidden">What waits for release, the oldest first</caption>
      <thead><tr><th scope="col">What</th><th scope="col" class="number">Rows</th><th scope="col">Asked by</th><th scope="col">Asked</th>
        <th scope="col">Reason</th><td></td></tr></thead>
      <tbody>${waiting.map(one => html`<tr key=${one.id}>
        <th scope="row">${one.kind} <${Rows} waiting=${one} /><span class="file">${one.file || one.id}</span></th>
        <td class="number" data-label="Rows">${number(one.rows)}</td><td data-label="Asked by">${one.asked_by}</td>
        <td data-label="Asked"><${Time} at=${one.asked_at} /></td><td class="message">${one.reason ?? ''}</td>
        <td class="deed"><${Deeds} waiting=${one} caller=${caller} /></td></tr>`)}</tbody></table></div>`}
    <${Pages} label="Pages of releases" first=${offset && { view: 'releases' }}
      next=${poll.data?.next && { view: 'releases', offset: Number(offset || 0) + PAGE }} />`;
}
