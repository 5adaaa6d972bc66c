// One batch: how far it is, why rows did not succeed, and the rows themselves.
import { html, useEffect, useRef, useState } from '../../lib/preact.js';
import { batchPath, usePoll, withQuery } from '../api.js';
import { BatchDeeds, ResendDeed } from '../deeds.js';
import { go, href, Link } from '../location.js';
import { AsOf, Bar, Empty, Failure, Outcome, Pages } from '../parts.js';
import { Standing } from '../standing.js';
import { Title } from '../title.js';
import { advice, count, MOST_REASONS, number, OUTCOMES, Time } from '../words.js';
import { Course } from './course.js';

const PAGE = 50;
const FILTERS = ['outcome', 'code', 'message', 'referenceid', 'after'];

function Outcomes({ batch }) {
  const to = outcome => ({ batch: batch.batch, outcome });
  return html`<ul class="outcomes" aria-label="Outcomes">
    ${OUTCOMES.map(({ name, field, means }) => html`<li key=${name} class=${batch[field] > 0 ? name.toLowerCase() : 'zero'}>
      <${Link} to=${to(name)}><span class="figure">${number(batch[field])}</span> <span class="name">${name}</span><//>
      <span class="means">${means}</span></li>`)}
  </ul>`;
}

function Facts({ batch, service }) {
  const moving = batch.state === 'open' && !batch.stopped && service?.calling;
  const facts = [
    ['Rows', number(batch.rows)],
    ['Waiting', number(batch.waiting)],
    ['In flight', number(batch.in_flight)],
    moving && ['Rate', batch.rate === null ? 'not known yet' : `${number(batch.rate)} rows a second`],
    moving && ['End', batch.estimated_end ? html`about <${Time} at=${batch.estimated_end} />` : 'not known yet'],
    batch.submitted_by && ['Submitted by', batch.submitted_by],
    ['Accepted', html`<${Time} at=${batch.started_at} />`],
    batch.finished_at && ['Finished', html`<${Time} at=${batch.finished_at} />`],
    ['File', batch.file],
    ['Node', batch.node],
  ];
  return html`<dl class="facts">${facts.filter(Boolean).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function Results({ batch, caller }) {
  if (batch.state !== 'complete') return null;
  const path = batchPath(batch.batch);
  return html`<div class="results"><a href=${`${path}/success.csv`}>success.csv</a>
    <a href=${`${path}/error.csv`}>error.csv</a>
    <${ResendDeed} rows=${batch.in_doubt} which=${{ all: true, batch: batch.batch }} what="All rows of this batch that are in doubt." caller=${caller} /></div>`;
}

function Reasons({ batch, caller }) {
  const open = batch.state === 'open';
  const failed = batch.done - batch.success;
  const poll = usePoll(failed > 0 ? `${batchPath(batch.batch)}/reasons` : null, open ? 5000 : 10000);
  const reasons = poll.data?.reasons ?? [];
  if (failed === 0 || reasons.length === 0) return null;
  const mayResend = batch.state === 'complete'; // before that the service refuses
  const others = failed - reasons.reduce((sum, { rows }) => sum + rows, 0);
  const isRest = reason => poll.data.complete && !reason.error_csv; // the collected rest of very many reasons
  return html`<section aria-labelledby="reasons"><h2 id="reasons">Reasons</h2>
    ${poll.data && !poll.data.complete && batch.rows > 50000 && html`<p class="note">Of the first 50,000 rows, until the batch is complete.</p>`}
    ${reasons.length === MOST_REASONS && html`<p class="note">The ${MOST_REASONS} most frequent reasons${
      poll.data.complete && others > 0 && `; ${count(others, 'row')} ${others === 1 ? 'has another' : 'have others'}, as error.csv says`}.</p>`}
    <div class="wide"><table class="reasons"><thead><tr><th scope="col" class="number">Rows</th><th scope="col">Reason</th>
      <th scope="col">What it means, what to do</th><th scope="col">First</th><th scope="col">Last</th><td></td></tr></thead>
    <tbody>${reasons.map(reason => html`<tr key=${`${reason.outcome} ${reason.response_code} ${reason.message}`}>
      <td class="number" data-label="Rows">${number(reason.rows)}</td>
      <th scope="row"><${Outcome} name=${reason.outcome} />${reason.response_code && html` <span class="code">code ${reason.response_code}</span>`}
        <${Link} to=${isRest(reason) ? { batch: batch.batch, outcome: reason.outcome }
          : { batch: batch.batch, outcome: reason.outcome, code: reason.response_code, message: reason.message }}>${
          reason.message ?? 'repeats another row'}<//></th>
      <td>${advice(reason).means} <span class="todo">${advice(reason).todo}</span></td>
      <td data-label="First"><${Time} at=${reason.first} /></td><td data-label="Last"><${Time} at=${reason.last} /></td>
      <td class="deed">${reason.error_csv && html`<a href=${reason.error_csv.slice(1)} aria-label=${`error.csv of ${reason.message ?? 'these rows'}`}>error.csv</a>`}
        ${mayResend && reason.outcome === 'IN_DOUBT' && !isRest(reason) && html`<${ResendDeed} rows=${reason.rows} caller=${caller}
          which=${{ message: reason.message, batch: batch.batch }} what=${html`Rows of this batch that are in doubt because: <q>${reason.message}</q>.`} />`}</td>
    </tr>`)}</tbody></table></div></section>`;
}

function Filter({ parameters }) {
  const submit = event => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    go({ batch: parameters.batch, outcome: fields.outcome, code: fields.code, referenceid: fields.referenceid,
      message: parameters.message, after: fields.line ? Math.max(0, Number(fields.line) - 1) : '' });
  };
  const line = /^\d{1,15}$/.test(parameters.after) ? Number(parameters.after) + 1 : '';
  // the key: a link to a reason fills the fields anew
  return html`<form class="tools" role="search" aria-label="Rows" key=${href(parameters)} onSubmit=${submit}>
    <label>Outcome <select name="outcome"><option value="">All</option>${OUTCOMES.map(({ name }) => html`<option key=${name} value=${name}
      selected=${name === parameters.outcome}>${name}</option>`)}</select></label>
    <label>Reference id <input name="referenceid" inputmode="numeric" pattern="[0-9]{1,18}" maxlength="18" defaultValue=${parameters.referenceid ?? ''} /></label>
    <label>Code <input name="code" size="5" defaultValue=${parameters.code ?? ''} /></label>
    <label>From line <input name="line" inputmode="numeric" pattern="[0-9]{1,15}" title="a number of up to 15 digits" size="8" defaultValue=${line} /></label>
    <button type="submit">Find</button>
    ${FILTERS.some(name => parameters[name]) && html`<${Link} to=${{ batch: parameters.batch }}>All rows<//>`}
  </form>
  ${parameters.message && html`<p class="note">Reason: <q>${parameters.message}</q></p>`}`;
}

function Rows({ batch, parameters, caller }) {
  const [chosen, choose] = useState(() => new Set());
  const filter = Object.fromEntries(FILTERS.map(name => [name, parameters[name]]));
  const poll = usePoll(withQuery(`${batchPath(batch.batch)}/rows`, { ...filter, limit: PAGE }), batch.state === 'open' ? 4000 : 10000);
  const rows = poll.data?.rows ?? [];
  const mayChoose = caller.roles.includes('submit') && batch.state === 'complete' && rows.some(row => row.state === 'IN_DOUBT');
  const lines = rows.filter(row => row.state === 'IN_DOUBT' && chosen.has(row.line)).map(row => row.line);
  const toggle = line => choose(before => {
    const after = new Set(before);
    if (!after.delete(line)) after.add(line);
    return after;
  });
  const heading = useRef();
  const wanted = FILTERS.some(name => parameters[name]);
  useEffect(() => {
    if (!wanted || !poll.data) return; // they would move once they are there
    heading.current.scrollIntoView();
    heading.current.focus({ preventScroll: true });
  }, [href(parameters), !poll.data]);
  const after = poll.data?.next && new URLSearchParams(poll.data.next.split('?')[1]).get('after');
  const here = { batch: batch.batch, ...filter };
  return html`<section aria-labelledby="rows"><h2 id="rows" tabindex="-1" ref=${heading}>Rows</h2>
    <${Filter} parameters=${parameters} />
    <${Failure} poll=${poll} />
    ${lines.length > 0 && html`<div class="chosen"><${ResendDeed} rows=${lines.length} caller=${caller}
      which=${{ rows: lines.map(line => ({ batch: batch.batch, line })) }} onDone=${() => choose(new Set())} /></div>`}
    ${poll.data && rows.length === 0 && html`<${Empty}>${batch.rows === 0 ? 'The batch has no rows.' : poll.data.next
      ? 'None on this page; the next may have some.' : wanted || batch.state === 'open' ? 'No row is like that.'
      : 'Its rows were erased (refund.retention).'}<//>`}
    ${rows.length > 0 && html`<div class="wide"><table class="rows"><caption class="hidden">Rows in the order of their lines</caption>
      <thead><tr>${mayChoose && html`<td></td>`}<th scope="col" class="number">Line</th><th scope="col">Reference id</th><th scope="col">Ackno</th>
        <th scope="col">Outcome</th><th scope="col">Code</th><th scope="col">Message</th><th scope="col" class="number">Attempts</th><th scope="col">Answered</th></tr></thead>
      <tbody>${rows.map(row => html`<tr key=${row.line}>
        ${mayChoose && html`<td>${row.state === 'IN_DOUBT' && html`<input type="checkbox" aria-label=${`Choose line ${row.line}`}
          checked=${chosen.has(row.line)} onChange=${() => toggle(row.line)} />`}</td>`}
        <th scope="row" class="number" data-label="Line">${row.line}</th>
        <td data-label="Reference id">${row.referenceid && html`<${Link} to=${{ view: 'customer', referenceid: row.referenceid }}>${row.referenceid}<//>`}</td>
        <td data-label="Ackno">${row.ackno}</td>
        <td><${Outcome} name=${row.state} /></td>
        <td data-label="Code">${row.response_code ?? ''}</td>
        <td class="message">${row.message ?? ''}</td>
        <td class="number" data-label="Attempts">${row.attempts}</td>
        <td data-label="Answered">${row.answered_at && html`<${Time} at=${row.answered_at} />`}</td></tr>`)}</tbody></table></div>`}
    <${Pages} label="Pages of rows" first=${parameters.after && { ...here, after: '' }} next=${after && { ...here, after }} />
  </section>`;
}

/** The view of one batch. */
export function Batch({ parameters, service, caller }) {
  const poll = usePoll(batchPath(parameters.batch));
  const batch = poll.data;
  if (!batch) {
    return html`<${Title} text=${parameters.batch} /><${Failure} poll=${poll} />`;
  }
  return html`<${Title} text=${batch.batch} />
    <div class="head"><p class="lead"><${Standing} batch=${batch} service=${service} /></p><${AsOf} poll=${poll} /></div>
    <${BatchDeeds} batch=${batch} service=${service} caller=${caller} />
    <${Bar} batch=${batch} />
    <${Outcomes} batch=${batch} />
    <${Facts} batch=${batch} service=${service} />
    <${Results} batch=${batch} caller=${caller} />
    <${Course} batch=${batch} />
    <${Reasons} batch=${batch} caller=${caller} />
    <${Rows} batch=${batch} parameters=${parameters} caller=${caller} />
    ${batch.resent?.length > 0 && html`<section aria-labelledby="resent"><h2 id="resent">Sent again</h2><ul>${batch.resent.map(word =>
      html`<li key=${word.asked_at}><${Time} at=${word.asked_at} />: ${count(word.rows, 'row')} by ${word.asked_by}</li>`)}</ul></section>`}`;
}
