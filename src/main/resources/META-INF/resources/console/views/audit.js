// Who did what, when and why.
import { html } from '../../lib/preact.js';
import { usePoll, withQuery } from '../api.js';
import { Link } from '../location.js';
import { Empty, Failure, Pages } from '../parts.js';
import { Title } from '../title.js';
import { number, Time } from '../words.js';

const PAGE = 50;

/** The view of the audit log. */
export function Audit({ parameters }) {
  const { before } = parameters;
  const poll = usePoll(withQuery('audit', { before, limit: PAGE }), 10000);
  const deeds = poll.data?.deeds ?? [];
  const next = poll.data?.next && new URLSearchParams(poll.data.next.split('?')[1]).get('before');
  return html`<${Title} text="Who did what" />
    <${Failure} poll=${poll} />
    ${poll.data && deeds.length === 0 && html`<${Empty}>No entries yet. Reading is not recorded.<//>`}
    ${deeds.length > 0 && html`<div class="wide"><table class="deeds-done"><caption class="hidden">Entries, the newest first</caption>
      <thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Of</th>
        <th scope="col" class="number">Rows</th><th scope="col">Reason</th></tr></thead>
      <tbody>${deeds.map(deed => html`<tr key=${deed.number}><td data-label="When"><${Time} at=${deed.at} /></td>
        <td data-label="Who">${deed.by ?? 'erased'}</td><th scope="row">${deed.what}</th>
        <td class="batch" data-label="Of">${/-[0-9a-f]{8}(-\d+)?$/.test(deed.of) ? html`<${Link} to=${{ batch: deed.of }}>${deed.of}<//>` : deed.of}</td>
        <td class="number" data-label="Rows">${number(deed.rows)}</td><td class="message">${deed.reason ?? ''}</td></tr>`)}</tbody></table></div>`}
    <${Pages} label="Pages of entries" first=${before && { view: 'audit' }} next=${next && { view: 'audit', before: next }} />`;
}
