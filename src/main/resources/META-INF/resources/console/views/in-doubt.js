// The rows in doubt of files, REST and JMS, the oldest first.
import { html, useState } from '../../lib/preact.js';
import { usePoll, withQuery } from '../api.js';
import { ResendDeed } from '../deeds.js';
import { Link } from '../location.js';
import { Empty, Failure, Pages } from '../parts.js';
import { Title } from '../title.js';
import { advice, count, MOST_REASONS, number, Time } from '../words.js';

const PAGE = 50;
const nameOf = row => `${row.batch} ${row.line}`;

function Reasons({ reasons, total, caller }) {
  return html`<section aria-labelledby="reasons"><h2 id="reasons">Reasons</h2>
    ${total > 10000 && html`<p class="note">Of the oldest 10,000 rows.</p>`}
    ${reasons.length === MOST_REASONS && html`<p class="note">The ${MOST_REASONS} most frequent reasons.</p>`}
    <div class="wide"><table class="reasons"><thead><tr><th scope="col" class="number">Rows</th><th scope="col">Reason</th>
      <th scope="col">What it means, what to do</th><th scope="col">First</th><th scope="col">Last</th><td></td></tr></thead>
    <tbody>${reasons.map(reason => html`<tr key=${reason.message}>
      <td class="number" data-label="Rows">${number(reason.rows)}</td>
      <th scope="row"><${Link} to=${{ view: 'in-doubt', message: reason.message }}>${reason.message ?? 'no reason'}<//></th>
      <td>${advice({ outcome: 'IN_DOUBT', message: reason.message }).means} <span class="todo">${
        advice({ outcome: 'IN_DOUBT', message: reason.message }).todo}</span></td>
      <td data-label="First"><${Time} at=${reason.first} /></td><td data-label="Last"><${Time} at=${reason.last} /></td>
      <td>${reason.message && html`<${ResendDeed} rows=${reason.resendable} which=${{ message: reason.message }}
        what=${html`All that are in doubt because: <q>${reason.message}</q>.`} caller=${caller} />`}</td>
    </tr>`)}</tbody></table></div></section>`;
}

/** The view of all that only a person can decide. */
export function InDoubt({ parameters, caller }) {
  const { message, after } = parameters;
  const poll = usePoll(withQuery('in-doubt', { message, after, limit: PAGE }), 4000);
  const [chosen, choose] = useState(() => new Set());
  const data = poll.data;
  if (!data) return html`<${Title} text="In doubt" /><${Failure} poll=${poll} />`;
  const picked = data.rows.filter(row => row.resendable && chosen.has(nameOf(row)));
  const toggle = name => choose(before => {
    const next = new Set(before);
    if (!next.delete(name)) next.add(name);
    return next;
  });
  const mayChoose = caller.roles.includes('submit');
  const next = data.next && new URLSearchParams(data.next.split('?')[1]).get('after');
  return html`<${Title} text="In doubt" /><${Failure} poll=${poll} />
    <p class="lead">${data.total === 0 ? 'No row is in doubt.' : html`${count(data.total, 'row')}, the oldest since <${Time} at=${data.oldest} />.
      ${' '}Nobody knows whether these customers were texted: ask BOS or the customer, then send again.${data.resendable < data.total
      && ` ${count(data.total - data.resendable, 'row')} can be sent again only once the rest of the batch is done.`}`}</p>
    ${data.total > 0 && html`<${Reasons} reasons=${data.reasons} total=${data.total} caller=${caller} />
    <section aria-labelledby="rows"><h2 id="rows">Rows</h2>
      ${message && html`<p class="note">Reason: <q>${message}</q> <${Link} to=${{ view: 'in-doubt' }}>All reasons<//></p>`}
      ${mayChoose && html`<div class="chosen" role="group" aria-label="Send again">
        ${picked.length > 0 && html`<${ResendDeed} key="chosen" rows=${picked.length} caller=${caller} onDone=${() => choose(new Set())}
          which=${{ rows: picked.map(({ batch, line }) => ({ batch, line })) }} />`}
        ${picked.length === 0 && !message && html`<${ResendDeed} key="all" rows=${data.resendable} which=${{ all: true }} what="All that are in doubt."
          caller=${caller} />`}</div>`}
      ${data.rows.length === 0 ? html`<${Empty}>${next ? 'None on this page; the next may have some.' : 'No row is like that.'}<//>` : html`
      <div class="wide"><table class="rows"><caption class="hidden">Rows in doubt, the oldest first</caption>
        <thead><tr>${mayChoose && html`<td></td>`}<th scope="col">Since</th><th scope="col">Reference id</th><th scope="col">Ackno</th>
          <th scope="col">Source</th><th scope="col">Batch</th><th scope="col" class="number">Line</th><th scope="col">Message</th></tr></thead>
        <tbody>${data.rows.map(row => html`<tr key=${nameOf(row)}>
          ${mayChoose && html`<td>${row.resendable && html`<input type="checkbox" aria-label=${`Choose ${row.batch} line ${row.line}`}
            checked=${chosen.has(nameOf(row))} onChange=${() => toggle(nameOf(row))} />`}</td>`}
          <td data-label="Since"><${Time} at=${row.since} /></td>
          <td data-label="Reference id"><${Link} to=${{ view: 'customer', referenceid: row.referenceid }}>${row.referenceid}<//></td>
          <td data-label="Ackno">${row.ackno}</td><td data-label="Source">${row.source}</td>
          <td class="batch" data-label="Batch">${row.source === 'FILE' ? html`<${Link} to=${{ batch: row.batch }}>${row.batch}<//>` : row.batch}</td>
          <th scope="row" class="number" data-label="Line">${row.line}</th><td class="message">${row.message ?? ''}</td></tr>`)}</tbody></table></div>`}
      <${Pages} label="Pages of rows" first=${after && { view: 'in-doubt', message }} next=${next && { view: 'in-doubt', message, after: next }} />
    </section>`}`;
}
