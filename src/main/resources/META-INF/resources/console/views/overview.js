// All batches, the newest first.
import { html } from '../../lib/preact.js';
import { usePoll, withQuery } from '../api.js';
import { go, Link } from '../location.js';
import { Bar, Empty, Failure, Pages } from '../parts.js';
import { number, OUTCOMES, Time } from '../words.js';
import { Title } from '../title.js';
import { Standing } from '../standing.js';

const PAGE = 25;
const STATES = [['', 'All'], ['open', 'Open'], ['complete', 'Complete'], ['refused', 'Refused']];

function Row({ batch }) {
  return html`<tr>
    <th scope="row"><${Link} to=${{ batch: batch.batch }}>${batch.batch}<//><span class="file">${batch.file}</span></th>
    <td class="standing"><${Standing} batch=${batch} short /><${Bar} batch=${batch} /></td>
    <td class="number" data-label="Rows">${number(batch.rows)}</td>
    ${OUTCOMES.map(({ name, field }) => html`<td key=${name} data-label=${name}
        class=${`number ${batch[field] > 0 ? name.toLowerCase() : 'zero'}`}>${batch[field] > 0 && name !== 'SUCCESS'
          ? html`<${Link} to=${{ batch: batch.batch, outcome: name }}>${number(batch[field])}<//>`
          : number(batch[field])}</td>`)}
    <td data-label="Accepted"><${Time} at=${batch.started_at} /></td>
  </tr>`;
}

/** The view of all batches. */
export function Overview({ parameters }) {
  const { state = '', offset = '' } = parameters;
  const poll = usePoll(withQuery('batches', { state, limit: PAGE, offset }));
  const batches = poll.data?.batches ?? [];
  return html`<${Title} text="Batches" />
    <div class="tools"><label>State <select value=${state} onChange=${event => go({ state: event.target.value })}>
      ${STATES.map(([value, name]) => html`<option key=${value} value=${value} selected=${value === state}>${name}</option>`)}
    </select></label></div>
    <${Failure} poll=${poll} />
    ${poll.data && batches.length === 0 && html`<${Empty}>${state || offset
      ? 'No batch is like that.'
      : html`No batch yet. Drop a CSV file into <code>inbox/</code>, or upload one.`}<//>`}
    ${batches.length > 0 && html`<div class="wide"><table class="batches">
      <caption class="hidden">Batches, the newest first</caption>
      <thead><tr><th scope="col">Batch</th><th scope="col">How it stands</th><th scope="col" class="number">Rows</th>
        ${OUTCOMES.map(({ name, means }) => html`<th key=${name} scope="col" class="number" title=${means}>${name}</th>`)}
        <th scope="col">Accepted</th></tr></thead>
      <tbody>${batches.map(batch => html`<${Row} key=${batch.batch} batch=${batch} />`)}</tbody>
    </table></div>`}
    <${Pages} label="Pages of batches" first=${offset && { state }}
      next=${poll.data?.next && { state, offset: Number(offset || 0) + PAGE }} />`;
}
