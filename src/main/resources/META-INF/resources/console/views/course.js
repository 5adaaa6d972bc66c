// How a batch went, minute by minute: as a chart, and as a table beside it.
import { html, useState } from '../../lib/preact.js';
import { batchPath, usePoll } from '../api.js';
import { number, OUTCOMES, Time } from '../words.js';

/** Few minutes do not fill the width. */
const LEAST_WIDTH = 30;

function Bars({ minutes, most }) {
  return html`<svg viewBox=${`0 0 ${Math.max(minutes.length, LEAST_WIDTH)} ${most}`} preserveAspectRatio="none" aria-hidden="true">
    ${minutes.map((minute, i) => {
      let top = most;
      return OUTCOMES.filter(({ field }) => minute[field] > 0).map(({ name, field }) => {
        top -= minute[field];
        return html`<rect key=${`${minute.at} ${name}`} class=${name.toLowerCase()} x=${i} y=${top} width=".85" height=${minute[field]} />`;
      });
    })}</svg>`;
}

function Table({ minutes }) {
  const shown = OUTCOMES.filter(({ field }) => minutes.some(minute => minute[field] > 0));
  return html`<div class="wide"><table class="minutes"><caption class="hidden">Rows that ended in each minute, the newest first</caption>
    <thead><tr><th scope="col">Minute</th>${shown.map(({ name }) => html`<th key=${name} scope="col" class="number">${name}</th>`)}</tr></thead>
    <tbody>${minutes.toReversed().map(minute => html`<tr key=${minute.at}><th scope="row"><${Time} at=${minute.at} /></th>
      ${shown.map(({ name, field }) => html`<td key=${name} data-label=${name} class=${`number ${minute[field] > 0 ? name.toLowerCase() : 'zero'}`}>${
        number(minute[field])}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** The minutes of a batch in which rows of it ended, once there are two. */
export function Course({ batch }) {
  const poll = usePoll(`${batchPath(batch.batch)}/minutes`, batch.state === 'open' ? 10000 : 60000);
  const [open, setOpen] = useState(false);
  const minutes = poll.data?.minutes ?? [];
  const most = Math.max(0, ...minutes.map(minute => OUTCOMES.reduce((sum, { field }) => sum + minute[field], 0)));
  if (minutes.length < 2 || most === 0) return null;
  const late = new Date(minutes[0].at) - new Date(batch.started_at) > 60000;
  return html`<section aria-labelledby="course"><h2 id="course">Rows a minute</h2>
    <figure class="course"><${Bars} minutes=${minutes} most=${most} />
      <figcaption><${Time} at=${minutes[0].at} /> to <${Time} at=${minutes.at(-1).at} />; at most ${number(most)} in a minute${
        late ? '; what ended before, this node did not see' : ''}.</figcaption></figure>
    <details onToggle=${event => setOpen(event.target.open)}><summary>As a table</summary>${open && html`<${Table} minutes=${minutes} />`}</details>
  </section>`;
}
