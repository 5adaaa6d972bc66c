// How a batch stands, in one sentence.
import { html } from '../lib/preact.js';
import { Countdown } from './parts.js';
import { count, number, othersCall, stopText, Time } from './words.js';

/** One sentence about a batch; short for a line of a table. */
export function Standing({ batch, service, short }) {
  const needs = batch.in_doubt > 0 ? html` <strong>${count(batch.in_doubt, 'row')} in doubt ${batch.in_doubt === 1
    ? 'needs' : 'need'} you.</strong>` : '';
  if (batch.state === 'refused') return html`<span class="says refused">Refused: ${batch.reason}.</span>`;
  if (batch.stopped && (batch.state === 'open' || batch.stopped.kind === 'cancelled')) {
    const waiting = batch.waiting > 0 && !short ? ` ${count(batch.waiting, 'row')} wait.` : '';
    return html`<span class="says stopped">${stopText(batch.stopped)}${batch.stopped.until
      && html`; goes on by itself in <${Countdown} until=${batch.stopped.until} />`}${/[.?!]$/.test(batch.stopped.reason) && !batch.stopped.until
      ? '' : '.'}${waiting}${!short && needs}</span>`;
  }
  if (batch.state === 'complete') {
    return html`<span class="says complete">${short ? 'Complete' : html`Complete since <${Time} at=${batch.finished_at} />: ${
      batch.rows === 0 ? 'it has no rows' : `all ${count(batch.rows, 'row')} have their outcome`}`}.${needs}</span>`;
  }
  if (batch.reason) return html`<span class="says stopped">Tried again until it works: ${batch.reason}.</span>`;
  const pace = batch.rate === null || batch.rate === undefined ? '' : ` ${number(batch.rate)} rows a second`;
  if (service && !service.calling && !othersCall(service)) return html`<span class="says stopped">No call begins; ${count(batch.waiting, 'row')} wait.</span>`;
  const end = batch.estimated_end ? html`, ends about <${Time} at=${batch.estimated_end} />` : '';
  return html`<span class="says open">${number(batch.done)} of ${count(batch.rows, 'row')} done${pace && `,${pace}`}${end}.${!short
    && needs}</span>`;
}
