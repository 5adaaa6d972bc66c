// What is shown is said by the query of the page's address: /?batch=…&outcome=ERROR. So each view can be linked to, and a login
// that leads over another server comes back to it.
import { html, useEffect, useState } from '../lib/preact.js';

const changed = new EventTarget();
addEventListener('popstate', () => changed.dispatchEvent(new Event('change')));

/** The address of a view: parameters that are empty are left out. */
export function href(parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) query.set(name, value);
  }
  return query.size === 0 ? './' : `./?${query}`;
}

/** Goes to a view. */
export function go(parameters) {
  history.pushState(null, '', href(parameters));
  changed.dispatchEvent(new Event('change'));
}

/** The parameters of the present view, an object that changes with the address. */
export function useParameters() {
  const read = () => Object.fromEntries(new URLSearchParams(location.search));
  const [parameters, set] = useState(read);
  useEffect(() => {
    const listener = () => set(read());
    changed.addEventListener('change', listener);
    return () => changed.removeEventListener('change', listener);
  }, []);
  return parameters;
}

/** A link to a view of the console, which loads nothing but data. */
export function Link({ to, children, ...attributes }) {
  const follow = event => {
    if (attributes.target || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return html`<a href=${href(to)} onClick=${follow} ...${attributes}>${children}</a>`;
}
