// What is said to a person: the words of the REST interface, the commands and the documents.
import { html } from '../lib/preact.js';

/** The five outcomes, in the order in which they are shown; field is their counter. */
export const OUTCOMES = [
  { name: 'SUCCESS', field: 'success', means: 'BOS says that the OTP was sent' },
  { name: 'ERROR', field: 'error', means: 'BOS says that it was not sent' },
  { name: 'IN_DOUBT', field: 'in_doubt', means: 'BOS may or may not have acted' },
  { name: 'DUPLICATE', field: 'duplicate', means: 'the same pair came before' },
  { name: 'REJECTED', field: 'rejected', means: 'the row is malformed, or was cancelled' },
];

/** Reasons that the service tells. */
export const MOST_REASONS = 50;

const numbers = new Intl.NumberFormat('en');
/** 40000 as 40,000. */
export const number = value => numbers.format(value);
/** 'row' or 'rows' with their number. */
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const year = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** The time of day, with the day where it is not today. */
function moment(when) {
  const date = new Date(when);
  const now = new Date();
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  return `${(date.getFullYear() === now.getFullYear() ? day : year).format(date)} ${clock.format(date)}`;
}

/** The time zone of whoever looks, of all times that are shown. */
export const ZONE = clock.resolvedOptions().timeZone;

/** A time, by the clock of whoever looks. */
export const Time = ({ at }) => at
  ? html`<time dateTime=${new Date(at).toISOString()} title=${`${year.format(new Date(at))} ${clock.format(new Date(at))} ${ZONE}`}>${moment(at)}</time>`
  : html`<span class="none">–</span>`;

/** 4:05, 1:02:03. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (parts[0] === 0 ? parts.slice(1) : parts).map((part, i) => (i === 0 ? part : String(part).padStart(2, '0'))).join(':');
}

/** A sentence of the service, its times by the clock of whoever looks. */
export function sentence(text) {
  return text.split(/(\d{4}-\d\d-\d\dT[\d:.]+Z)/).map((part, i) => (i % 2 ? html`<${Time} at=${part} />` : part));
}

/** A stop in words: 'paused since 10:16:02 by asha: wrong file'. */
export function stopText(stop) {
  const since = stop.since ? [' since ', html`<${Time} at=${stop.since} />`] : '';
  return html`${stop.kind}${since} by ${stop.by}${stop.reason ? `: ${stop.reason.replace(/\.$/, '')}` : ''}`;
}

/** Whether another node on the ledger may call, whatever keeps this one from it. */
export const othersCall = service => service.nodes.some(({ node, alive_at: alive, paused }) => node !== service.node && alive && !paused);

/** When calls begin that only these stops keep from it: 'at once', 'at 10:16:02 (BOS asked for a pause)'. */
export function beginning(stops) {
  if (stops.length === 0) return 'at once';
  const open = stops.find(stop => !stop.until);
  if (open) return html`once this is over: ${stopText(open)}`;
  const last = stops.reduce((one, other) => (new Date(one.until) < new Date(other.until) ? other : one));
  return html`at <${Time} at=${last.until} /> (${last.reason ?? last.kind})`;
}

// docs/response-codes.md and docs/operations.md; the first that fits counts
const ADVICE = [
  { outcome: 'DUPLICATE', means: 'The pair is done or under way.', todo: 'Nothing. To send it all the same: again.' },
  { outcome: 'REJECTED', message: /^cancelled/, means: 'A person cancelled the batch before it was sent.', todo: 'Send the right file.' },
  { outcome: 'REJECTED', means: 'The row cannot be read as it was meant.', todo: 'Mend it in error.csv and drop that file.' },
  { outcome: 'IN_DOUBT', message: /process stopped/, means: 'The process ended while the call was under way.', todo: 'Ask BOS or the customer, then send it again.' },
  { outcome: 'IN_DOUBT', means: 'The customer may have been texted.', todo: 'Ask BOS or the customer, then send it again.' },
  { code: '2', means: 'Not found, or already refunded.', todo: 'Look the pair up with BOS.' },
  { code: '3', means: 'No record found.', todo: 'Check referenceid and ackno, mend error.csv and drop it.' },
  { code: '4', means: 'Validation error: BOS does not accept the values.', todo: 'Check referenceid and ackno, mend error.csv and drop it.' },
  { code: '5', means: 'Unable to resend the OTP, however often BOS was asked.', todo: 'Drop error.csv later.' },
  { code: /^(6|7|18)$/, means: 'Token or authentication failed.', todo: 'Check the credentials, then drop error.csv.' },
  { outcome: 'ERROR', means: 'BOS refused; nothing was sent.', todo: 'Ask BOS what it means; error.csv can be dropped as it is.' },
];

/** What a reason means and what to do: {means, todo}. */
export function advice({ outcome, response_code: code, message }) {
  const fits = (wanted, value) => wanted === undefined
    || (wanted instanceof RegExp ? wanted.test(value ?? '') : wanted === value);
  return ADVICE.find(entry => fits(entry.outcome, outcome) && fits(entry.code, code) && fits(entry.message, message));
}
