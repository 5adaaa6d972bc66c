// The frame of every view: the verdict, the ways to the views, and the view that the address names.
import { html, render, useEffect, useRef } from '../lib/preact.js';
import { usePoll } from './api.js';
import { Link, useParameters } from './location.js';
import { AsOf } from './parts.js';
import { DeedPlace, ServiceDeeds } from './deeds.js';
import { number, sentence } from './words.js';
import { Audit } from './views/audit.js';
import { Batch } from './views/batch.js';
import { Customer } from './views/customer.js';
import { InDoubt } from './views/in-doubt.js';
import { Overview } from './views/overview.js';
import { Releases } from './views/releases.js';
import { Upload } from './views/upload.js';

const VIEWS = { 'in-doubt': InDoubt, releases: Releases, customer: Customer, audit: Audit, upload: Upload };

/** What a screen reader says by itself: when it changes, and not the counts of each poll. */
const TOLD = { stale: 'No news', stopped: 'Stopped', 'needs-you': 'Needs you', well: 'Well' };

function Verdict({ service, poll, caller }) {
  if (!service) return html`<section class="verdict" aria-label="Verdict"><p class="says">…</p><${AsOf} poll=${poll} /></section>`;
  const tone = poll.trouble ? 'stale' : !service.calling ? 'stopped' : service.in_doubt > 0 || service.waiting_for_release > 0 ? 'needs-you' : 'well';
  return html`<section class=${`verdict ${tone}`} aria-label="Verdict">
    <p class="says">${sentence(service.verdict)}</p><p class="hidden" role="status">${TOLD[tone]}</p>
    <div class="beside"><${AsOf} poll=${poll} /><${ServiceDeeds} service=${service} caller=${caller} /></div>
  </section>`;
}

function App() {
  const parameters = useParameters();
  const poll = usePoll('service');
  const caller = usePoll('caller', 60000).data ?? { name: null, roles: [] };
  const view = parameters.batch ? 'batch' : parameters.view ?? '';
  const View = view === 'batch' ? Batch : VIEWS[view] ?? Overview;
  const main = useRef();
  const place = `${view} ${parameters.batch ?? ''}`;
  const shown = useRef(place);
  useEffect(() => {
    if (shown.current === place) return;
    shown.current = place;
    main.current.querySelector('h1')?.focus();
    scrollTo(0, 0);
  }, [place]);
  const tab = (to, name, more) => html`<li><${Link} to=${to === '' ? {} : { view: to }}
      aria-current=${view === to ? 'page' : undefined}>${name}${more}<//></li>`;
  const inDoubt = poll.data?.in_doubt ?? 0;
  const unreleased = poll.data?.waiting_for_release ?? 0;
  const maySubmit = caller.roles.includes('submit');
  return html`<a class="skip" href="#main" onClick=${event => {
      event.preventDefault();
      main.current.querySelector('h1')?.focus();
    }}>To the content</a>
    <header class="top">
      <p class="product"><${Link} to=${{}}>BOS refunds<//>${poll.data && html` <span class="node">${poll.data.node}</span>`}</p>
      <nav aria-label="Views"><ul>
        ${tab('', 'Batches')}
        ${tab('in-doubt', 'In doubt', inDoubt > 0 && html` <span class="badge">${number(inDoubt)}</span>`)}
        ${(unreleased > 0 || view === 'releases') && tab('releases', 'Releases', html` <span class="badge">${number(unreleased)}</span>`)}
        ${tab('customer', 'A customer complains')}
        ${tab('audit', 'Who did what')}
        ${maySubmit && tab('upload', 'Upload')}
      </ul></nav>
      <p class="caller">${caller.name ?? ''}${caller.roles.length > 0 && !maySubmit && html` <span class="role">view only</span>`}</p>
    </header>
    <${Verdict} service=${poll.data} poll=${poll} caller=${caller} />
    <main id="main" ref=${main}><${View} key=${place} parameters=${parameters} service=${poll.data} caller=${caller} /></main>`;
}

render(html`<${App} />`, document.getElementById('views'));
// apart: a dialog that is moved in the page with what stands before it is modal no longer
render(html`<${DeedPlace} />`, document.getElementById('deeds'));
