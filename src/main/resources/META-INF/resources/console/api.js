// The REST interface, and nothing else: what is read is asked for again with its ETag while the page is visible.
import { useEffect, useRef, useState } from '../lib/preact.js';

const MOST_REMEMBERED = 50;
const LONGEST_READ = 15000; // ms; a connection that a network has forgotten gives no error
// characters that turn the direction of what stands behind them, such as the numbers of a sentence; paths and filters need theirs
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const UNTURNED = ['batch', 'id', 'check', 'next', 'error_csv', 'message'];
const straight = (key, value) => typeof value === 'string' && !UNTURNED.includes(key) ? value.replace(TURNS, '\ufffd') : value;
const LONGEST_UNKNOWN = 4000; // ms until what could not be read is asked for again
const looks = new EventTarget(); // look: the page is seen again; deed: something was changed
const known = new Map(); // path → {tag, data}

/** What went wrong, in a person's words. */
class Trouble extends Error {
  constructor(status, problem) {
    const violations = (problem.violations ?? []).map(violation => `${violation.where}: ${violation.detail}`);
    super([problem.detail ?? problem.title, ...violations].join('; '));
    this.status = status;
  }
}

async function trouble(answer) {
  const problem = await answer.json().catch(() => ({}));
  return new Trouble(answer.status, problem.detail || problem.title ? problem : { detail: `HTTP ${answer.status}` });
}

async function ask(path, options) {
  try {
    return await fetch(path, { cache: 'no-store', ...options });
  } catch {
    throw new Trouble(0, { detail: 'the service cannot be reached' });
  }
}

/** Reads a path; of what has not changed since, the same object. What another page got within this second is new enough, but after a deed. */
async function read(path, { fresh = false } = {}) {
  const before = known.get(path);
  const headers = { 'Cache-Control': fresh ? 'no-cache' : 'max-age=1' };
  if (before) headers['If-None-Match'] = before.tag;
  const answer = await ask(path, { headers, signal: AbortSignal.timeout(LONGEST_READ) });
  if (answer.status === 304 && before) return before.data;
  if (!answer.ok) throw await trouble(answer);
  const data = JSON.parse(await answer.text(), straight);
  const tag = answer.headers.get('ETag');
  known.delete(path);
  if (tag) known.set(path, { tag, data });
  if (known.size > MOST_REMEMBERED) known.delete(known.keys().next().value);
  return data;
}

let standing = null; // the node whose standing is shown

/** How the service stands; behind a load balancer of one node all the time, and of another where that is away. */
async function readService(options) {
  const node = standing;
  standing = null;
  const service = await read(withQuery('service', { node }), options).catch(failure => {
    if (node === null) throw failure;
    return read('service', options);
  });
  standing = service.node;
  return service;
}

/** Does a deed under an Idempotency-Key: the same key does it once, however often it is sent. */
export async function post(path, body, key) {
  const upload = body instanceof Blob;
  const headers = body === null ? {} : { 'Content-Type': upload ? 'text/csv' : 'application/json' };
  if (key) headers['Idempotency-Key'] = key;
  const answer = await ask(path, { method: 'POST', headers, body: upload || body === null ? body : JSON.stringify(body) });
  if (!answer.ok) throw await trouble(answer);
  looks.dispatchEvent(new Event('deed'));
  return answer.json();
}

/** A new Idempotency-Key; randomUUID exists on https and on this machine alone. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

document.addEventListener('visibilitychange', () => looks.dispatchEvent(new Event('look')));

/**
 * Reads a path again and again while the page is visible; null reads nothing. data stays what it was while an answer is awaited or
 * does not come; asOf is when the last one came.
 */
export function usePoll(path, every = 2000) {
  const [state, set] = useState({ path, data: null, asOf: null, trouble: null });
  const rounds = useRef(0);
  useEffect(() => {
    if (path === null) return undefined;
    let timer;
    const look = async event => {
      clearTimeout(timer);
      const round = ++rounds.current;
      if (document.hidden) return;
      const options = { fresh: event?.type === 'deed' };
      let found;
      try {
        found = { data: await (path === 'service' ? readService(options) : read(path, options)), asOf: Date.now(), trouble: null };
      } catch (failure) {
        found = { trouble: failure };
      }
      if (round !== rounds.current) return;
      set(before => ({ ...(before.path === path ? before : { data: null, asOf: null }), path, ...found }));
      timer = setTimeout(look, found.trouble ? Math.min(every, LONGEST_UNKNOWN) : every);
    };
    look();
    looks.addEventListener('look', look);
    looks.addEventListener('deed', look);
    return () => {
      rounds.current++;
      clearTimeout(timer);
      looks.removeEventListener('look', look);
      looks.removeEventListener('deed', look);
    };
  }, [path, every]);
  return state.path === path ? state : { path, data: null, asOf: null, trouble: null };
}

/** The path of a batch. */
export const batchPath = id => `batches/${encodeURIComponent(id)}`;

/** A path with a query; parameters that are empty are left out. */
export function withQuery(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== '') query.set(name, value);
  }
  return query.size === 0 ? path : `${path}?${query}`;
}
