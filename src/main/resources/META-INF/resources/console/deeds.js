// What a person does: always with the number first, a reason, a name, and the result. One dialog for all deeds.
import { html, useEffect, useLayoutEffect, useRef, useState } from '../lib/preact.js';
import { batchPath, newKey, post, withQuery } from './api.js';
import { NameField, nameOf } from './name.js';
import { Link } from './location.js';
import { beginning, count, number, othersCall, sentence, stopText } from './words.js';

/** From here on the number is typed before the deed. */
const TYPED_ABOVE = 100;
/** Rows that one request sends again. */
const MOST_AT_ONCE = 10000;

/**
 * Asks for a reason, does the deed and says what came of it.
 *
 * @param title the deed, as its button says it
 * @param rows how many rows it is about; above 100 the number is typed
 * @param children what follows from it
 * @param act does it: {reason, by} and an Idempotency-Key in, what to say out
 * @param onDone is called once it is done and read
 */
function DeedDialog({ title, rows, children, caller, act, onDone, onClose }) {
  const dialog = useRef();
  const key = useRef(newKey());
  const busy = useRef(false);
  const [trouble, setTrouble] = useState(null);
  const [waiting, setWaiting] = useState(false);
  const [unsure, setUnsure] = useState(false);
  const [result, setResult] = useState(null);
  // at once: with a Tab in between, the focus would come back to another place than the button
  useLayoutEffect(() => dialog.current.showModal(), []);
  useLayoutEffect(() => {
    if (result) dialog.current.querySelector('button').focus(); // the field that had the focus is gone
  }, [result]);
  const submit = async event => {
    event.preventDefault();
    if (busy.current) return; // a double click
    const fields = new FormData(event.target);
    if (fields.has('rows') && fields.get('rows').replace(/[,.\s]/g, '') !== String(rows)) {
      setTrouble(`The number does not fit: it is ${number(rows)}.`);
      return;
    }
    busy.current = true;
    setWaiting(true);
    setTrouble(null);
    const body = { reason: fields.get('reason').trim() };
    const by = nameOf(fields);
    if (by) body.by = by;
    try {
      setResult(await act(body, key.current));
      onDone?.();
    } catch (failure) {
      // the same key once more does nothing twice, so a second try is safe; in other words it would be another request
      setUnsure(failure.status === 0 || failure.status >= 500);
      setTrouble(failure.status === 0 ? `${failure.message}; nobody knows whether it was done. Trying again does it once.` : failure.message);
    }
    busy.current = false;
    setWaiting(false);
  };
  // The button keeps its label: a shorter one would bring Back under the second click of a double click, and hide the result.
  return html`<dialog ref=${dialog} aria-labelledby="deed" onClose=${onClose}>
    <h2 id="deed">${title}</h2>
    ${result
      ? html`<div role="status" class="result">${result}</div>
          <p class="buttons"><button type="button" onClick=${() => dialog.current.close()}>Close</button></p>`
      : html`<form onSubmit=${submit}>
          <div class="consequence">${children}</div>
          ${rows > TYPED_ABOVE && html`<label>Type the number of rows, ${number(rows)}
            <input name="rows" inputmode="numeric" autocomplete="off" required /></label>`}
          <${NameField} caller=${caller} readOnly=${unsure} />
          <label>Reason <input name="reason" readonly=${unsure} required pattern=".*\\S.*" title="why, in a few words" maxlength="500" autocomplete="off" /></label>
          ${trouble && html`<p class="failure" role="alert">${trouble}</p>`}
          <p class="buttons"><button type="submit" class="danger" disabled=${waiting}>${title}</button>
            <button type="button" onClick=${() => dialog.current.close()}>Back</button></p>
        </form>`}
  </dialog>`;
}

let show;

/** Where what had the focus is gone, it would be nowhere. */
function rescueFocus() {
  if (document.activeElement === document.body) document.querySelector('h1')?.focus();
}

/** Where the dialog of a deed is: apart from the button that opened it, which may be gone once the deed is done. */
export function DeedPlace() {
  const [deed, setDeed] = useState(null);
  const before = useRef(null);
  show = setDeed;
  useEffect(() => {
    if (!deed && before.current) rescueFocus(); // the button may be gone
    before.current = deed;
  }, [deed]);
  return deed && html`<${DeedDialog} ...${deed} onClose=${() => setDeed(null)} />`;
}

/** A button that opens the dialog of a deed. */
export function Deed({ name, title = name, danger, ...dialog }) {
  const button = useRef();
  // a poll may take the button away when the dialog is long closed
  useEffect(() => () => { if (document.activeElement === button.current) setTimeout(rescueFocus); }, []);
  return html`<button ref=${button} type="button" class=${danger ? 'danger' : ''} onClick=${() => show({ title, ...dialog })}>${name}</button>`;
}

/** Pause or resume of this node. */
export function ServiceDeeds({ service, caller }) {
  if (!caller.roles.includes('submit')) return null;
  const paused = service.nodes.find(({ node }) => node === service.node)?.paused;
  const act = deed => async (body, key) => {
    const now = await post(withQuery(`service/${deed}`, { node: service.node }), body, key);
    return html`<p>${sentence(now.verdict)}.</p>${deed === 'pause' && html`<p>${count(now.in_flight, 'call')} had begun and ${
      now.in_flight === 1 ? 'comes to its end' : 'come to their end'}.</p>`}`;
  };
  return paused
    ? html`<${Deed} key="resume" name="Resume the service" caller=${caller} act=${act('resume')}>
        <p>Calls of node ${service.node} begin ${beginning(service.why.filter(({ kind }) => kind !== 'paused'))}. ${
          count(service.waiting, 'row')} ${service.waiting === 1 ? 'waits' : 'wait'}.</p><//>`
    : html`<${Deed} key="pause" name="Pause the service" caller=${caller} act=${act('pause')}>
        <p>No further call of node ${service.node} begins until somebody resumes it, also after a restart. Nothing is lost.</p><//>`;
}

/** Pause, resume and cancel of a batch that is not over. */
export function BatchDeeds({ batch, service, caller }) {
  if (!caller.roles.includes('submit') || batch.state !== 'open' || batch.stopped?.kind === 'cancelled') return null;
  const why = (service?.why ?? []).filter(({ kind }) => kind !== 'paused' || !othersCall(service));
  // who was in doubt before may have been texted then
  const rejected = batch.resent.length > 0 ? 'end REJECTED, or IN_DOUBT again' : 'end REJECTED';
  const act = deed => async (body, key) => {
    const now = await post(`${batchPath(batch.batch)}/${deed}`, body, key);
    return html`<p>${deed === 'resume' ? html`Its calls begin ${beginning(now.stopped ? [now.stopped, ...why] : why)}`
      : stopText(now.stopped)}. ${count(now.waiting, 'row')} ${
      deed === 'cancel' ? rejected : 'wait'}; ${count(now.in_flight, 'row')} had begun and ${
      now.in_flight === 1 ? 'comes to its end' : 'come to their end'}.</p>`;
  };
  const unreleased = batch.stopped?.kind === 'unreleased';
  return html`<div class="deeds" role="group" aria-label="Actions">
    ${batch.stopped?.kind !== 'paused' && !unreleased && html`<${Deed} key="pause" name="Pause" title="Pause this batch" caller=${caller} act=${act('pause')}>
      <p>No further call of this batch begins until somebody resumes it: ${count(batch.waiting, 'row')} wait. Other batches go on.</p><//>`}
    ${unreleased && html`<${Link} key="release" to=${{ view: 'releases' }}>Release<//>`}
    ${batch.stopped && !unreleased && html`<${Deed} key="resume" name="Resume" title="Resume this batch"
        caller=${caller} act=${act('resume')}>
      <p>Its calls begin ${beginning(why)}: up to ${count(batch.waiting, 'customer')} are texted.</p><//>`}
    <${Deed} key="cancel" name="Cancel" title="Cancel this batch" danger rows=${batch.waiting} caller=${caller} act=${act('cancel')}>
      <p>${count(batch.waiting, 'row')} that ${batch.waiting === 1 ? 'was' : 'were'} not sent ${rejected}, for good.
        ${' '}What was sent stays sent: ${number(batch.done)} done, ${number(batch.in_flight)} in flight.</p><//>
  </div>`;
}

/**
 * Sends rows in doubt again: named ones, those of a reason, or all.
 *
 * @param rows how many there are as far as the page knows; the service counts again
 * @param which the rows, as POST /in-doubt/resend takes them
 */
export function ResendDeed({ rows: known, which, what = '', caller, onDone }) {
  if (!caller.roles.includes('submit') || known === 0) return null;
  const rows = Math.min(known, MOST_AT_ONCE);
  const name = `Text ${rows < known ? 'the oldest ' : ''}${count(rows, 'customer')} again`;
  const act = async (body, key) => {
    const agreed = which.rows ? {} : { at_most: rows }; // what came since waits for another word
    const done = await post('in-doubt/resend', { ...which, ...agreed, ...body }, key);
    return html`${done.release && html`<p><strong>It waits for another person's release: ${done.release}.</strong></p>`}
      <p><strong>${done.rows + done.skipped === 0 && !done.release
        ? 'Nothing is left to send again: meanwhile somebody else did, or the rows have an outcome.'
        : `${count(done.rows, 'row')} sent again, ${number(done.skipped)} skipped.`}</strong></p>
      ${done.skipped > 0 && html`<ul>${done.why.map(row => html`<li key=${`${row.batch} ${row.line}`}><bdi>${row.batch}</bdi> line ${row.line}: ${
        row.reason}</li>`)}${done.skipped > done.why.length && html`<li>and ${number(done.skipped - done.why.length)} more</li>`}</ul>`}
      ${done.more && html`<p>More rows are in doubt: those that came meanwhile, or that one request does not hold.</p>`}`;
  };
  return html`<${Deed} name=${name} danger rows=${rows} caller=${caller} act=${act} onDone=${onDone}>
    <p>${what} Nobody knows whether BOS texted ${rows === 1 ? 'this customer' : 'these customers'} already:
      ${' '}who has an OTP gets a second one. The service counts again; what changed meanwhile is skipped and said.</p><//>`;
}
