// What the views are made of.
import { html, useEffect, useState } from '../lib/preact.js';
import { Link } from './location.js';
import { duration, number, OUTCOMES, Time, ZONE } from './words.js';

const STALE = 6000;

/** The time, anew each second. */
function useNow() {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** When what is shown was so; says when it is no longer sure. */
export function AsOf({ poll }) {
  const stale = useNow() - (poll.asOf ?? 0) > STALE;
  if (!poll.asOf) return html`<p class="as-of">${poll.trouble ? poll.trouble.message : 'Loading …'}</p>`;
  return html`<p class=${`as-of ${stale ? 'stale' : ''}`}>as of <${Time} at=${poll.asOf} /> (${ZONE})${stale
    && html` · <strong>no news since${poll.trouble ? `: ${poll.trouble.message}` : ''}</strong>`}</p>`;
}

/** How long it is until then. */
export function Countdown({ until }) {
  return html`<span class="countdown" role="timer">${duration((new Date(until) - useNow()) / 1000)}</span>`;
}

/** An outcome, or the state of a row that has none yet. */
export const Outcome = ({ name }) => html`<span class=${`outcome ${name.toLowerCase()}`}>${name}</span>`;

/** The rows of a batch by outcome, as one bar: what is not done stays empty. */
export function Bar({ batch }) {
  const done = batch.rows === 0 ? batch.state !== 'open' : batch.done / batch.rows;
  return html`<div class="bar" role="progressbar" aria-label="Rows done" aria-valuemin="0" aria-valuemax=${batch.rows}
      aria-valuenow=${batch.done} aria-valuetext=${`${number(batch.done)} of ${number(batch.rows)} rows`}>
    ${OUTCOMES.map(({ name, field }) => batch[field] > 0 && html`<span key=${name} class=${name.toLowerCase()}
        style=${{ flexGrow: batch[field] / batch.rows }}></span>`)}
    ${done < 1 && html`<span key="rest" class="rest" style=${{ flexGrow: 1 - done }}></span>`}
  </div>`;
}

/** What a person does about an answer of that status; 0 is none. */
function todo(status) {
  if (status === 401) return ' Load the page again to log in.';
  return status === 0 || status === 429 || status >= 500 ? ' It is asked for again by itself; if that does not help, see whether the service runs.' : '';
}

/** What could not be read, if anything, what to do, and of when all is that stands behind it on the page. */
export const Failure = ({ poll: { trouble, asOf } }) => trouble && html`<p class=${`failure ${asOf ? 'old' : ''}`} role="alert">
  ${trouble.message}.${todo(trouble.status)}${asOf && html` What is shown is as of <${Time} at=${asOf} />.`}</p>`;

/** What is said where there is nothing. */
export const Empty = ({ children }) => html`<p class="empty">${children}</p>`;

/** Links to the first and the next page, where there are such. */
export function Pages({ first, next, label }) {
  return (first || next) && html`<nav class="pages" aria-label=${label}>
    ${first && html`<${Link} to=${first}>First page<//>`}${next && html`<${Link} to=${next} rel="next">Next page<//>`}</nav>`;
}
