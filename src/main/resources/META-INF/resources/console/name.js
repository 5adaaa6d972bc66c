// Who does it, where no login says so.
import { html } from '../lib/preact.js';

const KEPT = 'name';

/** Asks for the name where nobody has to log in; the browser keeps the last one. */
export const NameField = ({ caller, readOnly }) => caller.name === null && html`<label>Your name
  <input name="by" readonly=${readOnly} required pattern=".*\\S.*" title="a name" maxlength="100" autocomplete="name" defaultValue=${localStorage.getItem(KEPT) ?? ''} /></label>`;

/** The name that was given in a form, undefined where it was not asked for. */
export function nameOf(fields) {
  const name = fields.get('by')?.trim();
  if (name) localStorage.setItem(KEPT, name);
  return name;
}
