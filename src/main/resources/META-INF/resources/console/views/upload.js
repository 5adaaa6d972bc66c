// A CSV file becomes a batch.
import { html, useRef, useState } from '../../lib/preact.js';
import { newKey, post } from '../api.js';
import { go } from '../location.js';
import { Title } from '../title.js';

/** The view of an upload. */
export function Upload({ caller }) {
  const key = useRef(newKey());
  const busy = useRef(false);
  const [sending, setSending] = useState(false);
  const [trouble, setTrouble] = useState(null);
  if (!caller.roles.includes('submit')) return html`<${Title} text="Upload" />`;
  const send = async event => {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    setTrouble(null);
    try {
      const batch = await post('batches', new FormData(event.target).get('file'), key.current);
      go({ batch: batch.batch });
    } catch (failure) {
      setTrouble(failure.message);
      setSending(false);
    }
    busy.current = false;
  };
  return html`<${Title} text="Upload" />
    <form class="card" onSubmit=${send}>
      <label>CSV file with the columns referenceid and ackno
        <input type="file" name="file" accept=".csv,text/csv" required onChange=${() => { key.current = newKey(); }} /></label>
      ${trouble && html`<p class="failure" role="alert">${trouble}</p>`}
      <p class="buttons"><button type="submit" disabled=${sending}>${sending ? 'Sending …' : 'Send'}</button></p>
    </form>`;
}
