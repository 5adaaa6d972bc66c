// A CSV file becomes a batch: first what would become of its rows, then the word to send them.
import { html, useEffect, useRef, useState } from '../../lib/preact.js';
import { newKey, post, withQuery } from '../api.js';
import { go, Link } from '../location.js';
import { NameField, nameOf } from '../name.js';
import { Title } from '../title.js';
import { count, duration, number } from '../words.js';

const FIGURES = [['rows', 'Rows'], ['to_send', 'To send'], ['duplicate', 'DUPLICATE'], ['rejected', 'REJECTED']];

/** The name of the chosen file, as the REST interface takes it. */
const nameOfFile = file => file.name.replace(/\p{Cc}/gu, '_').slice(0, 255);

function Found({ check }) {
  const lists = [
    ['First DUPLICATE rows', check.first_duplicates, check.duplicate],
    ['First REJECTED rows', check.first_rejected, check.rejected],
  ];
  return html`<dl class="facts">
      ${FIGURES.map(([field, name]) => html`<div key=${name}><dt>${name}</dt><dd>${number(check[field])}</dd></div>`)}
      <div><dt>Expected time</dt><dd>${check.expected_seconds === 0 ? 'less than a second' : duration(check.expected_seconds)}</dd></div>
    </dl>
    ${lists.filter(([, rows]) => rows.length > 0).map(([name, rows, all]) => html`<section key=${name}><h3>${name}</h3>
      <ul class="lines">${rows.map(row => html`<li key=${row.line}>Line ${row.line}: ${row.message}${row.batch
        && html` · <${Link} to=${{ batch: row.batch, after: row.batch_line - 1 }}>that row<//>`}</li>`)}
        ${all > rows.length && html`<li>and ${number(all - rows.length)} more</li>`}</ul></section>`)}`;
}

/** The view of an upload. */
export function Upload({ caller }) {
  const key = useRef(newKey());
  const busy = useRef(false);
  const [file, setFile] = useState(null);
  const [again, setAgain] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const [check, setCheck] = useState(null);
  const [trouble, setTrouble] = useState(null);
  useEffect(() => {
    if (check) document.getElementById('found').focus(); // the button that had the focus is gone
  }, [check]);
  if (!caller.roles.includes('submit')) return html`<${Title} text="Upload" />${caller.roles.length > 0 && html`<p>This needs the role submit.</p>`}`;
  const step = async what => {
    if (busy.current) return; // a double click
    busy.current = true;
    setWaiting(true);
    setTrouble(null);
    try {
      await what();
    } catch (failure) {
      setTrouble(failure.message);
      if (failure.status === 404) setCheck(null); // its hour is over, or the service was started anew: Check comes back
    }
    busy.current = false;
    setWaiting(false);
  };
  const look = event => {
    event.preventDefault();
    step(async () => {
      key.current = newKey();
      await file.slice(0, 1).arrayBuffer().catch(() => { // else it would look as if the service were away
        throw new Error('the file cannot be read: it was changed since it was chosen, or another program has it open; choose it again');
      });
      setCheck(await post(again ? 'checks?again=true' : 'checks', file));
    });
  };
  const send = event => {
    event.preventDefault();
    const by = nameOf(new FormData(event.target));
    step(async () => {
      const batch = await post(withQuery(`checks/${check.check}/send`, { by, file: nameOfFile(file) }), null, key.current);
      go({ batch: batch.batch });
    });
  };
  const changed = what => value => {
    setCheck(null);
    setTrouble(null);
    what(value);
  };
  // the browser does not tell that the same file was chosen again, now with other rows
  const choose = event => {
    event.target.value = '';
    changed(setFile)(null);
  };
  return html`<${Title} text="Upload" />
    <form class="card" onSubmit=${look}>
      <label>CSV file with the columns referenceid and ackno
        <input type="file" accept=".csv,text/csv" required onClick=${choose} onChange=${event => changed(setFile)(event.target.files[0])} /></label>
      <label class="choice"><input type="checkbox" checked=${again} onChange=${event => changed(setAgain)(event.target.checked)} />
        ${' '}Send pairs that were already done as well (again)</label>
      ${!check && html`<p class="buttons"><button type="submit" disabled=${waiting}>${waiting ? 'Checking …' : 'Check'}</button>
        <span class="note">Sends nothing.</span></p>`}
    </form>
    ${trouble && html`<p class="failure" role="alert">${trouble}</p>`}
    ${check && html`<section class="card" aria-labelledby="found"><h2 id="found" tabindex="-1">${check.to_send === 0
        ? 'No customer would be texted' : `${count(check.to_send, 'customer')} would be texted`}</h2>
      <${Found} check=${check} />
      <form onSubmit=${send}><${NameField} caller=${caller} />
        <p class="buttons"><button type="submit" class="danger" disabled=${waiting}>${waiting ? 'Sending …' : check.to_send === 0
          ? 'Send' : `Send: text ${count(check.to_send, 'customer')}`}</button></p></form></section>`}`;
}
