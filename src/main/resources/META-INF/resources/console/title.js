// The heading of a view, which is the title of the page as well.
import { html, useEffect } from '../lib/preact.js';

/** The one heading of a view; gets the focus when the view is shown. */
export function Title({ text, children }) {
  useEffect(() => {
    document.title = `${text} · BOS refunds`;
  }, [text]);
  return html`<h1 tabindex="-1">${children ?? text}</h1>`;
}
