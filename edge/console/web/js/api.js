/** Asks the API; whatever goes wrong becomes an ApiError whose message can be shown to a person. */

import {saidText} from './parts/said.js';
import {language, t} from './words.js';

const LONGEST_MS = 20_000;
const KINDS = {missing: 'missing', greater: 'small', less: 'large', too_long: 'long', string_too_long: 'long', string_too_short: 'short', too_short: 'short', string_pattern: 'form', extra: 'extra', int: 'number', float: 'number', finite: 'number', date: 'date', literal: 'choice', enum: 'choice', value: 'form'};

/** Why a request brought nothing. `status` is 0 where the server was not reached, `detail` and `faults` what it said. */
export class ApiError extends Error {
  constructor(status, message, {reason = '', code = '', detail = null, faults = null} = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.code = code;
    this.detail = detail;
    this.faults = faults;
  }
}

async function ask(method, path, body, {timeout = LONGEST_MS} = {}) {
  const options = {method, headers: {}, signal: AbortSignal.timeout(timeout), credentials: 'same-origin'};
  if (body instanceof Blob) options.body = body;
  else if (body !== undefined) {
    options.headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch (error) {
    const late = error.name === 'TimeoutError';
    throw new ApiError(0, t(late ? 'api.late' : 'api.unreached', {s: Math.round(timeout / 1000)}));
  }
  const kind = answer.headers.get('content-type') || '';
  const said = kind.includes('json') ? await answer.json().catch(() => null) : await answer.text();
  if (answer.ok) return answer.status === 204 ? null : said;
  if (answer.status === 401 && path !== '/api/v1/session') toLogin();
  throw new ApiError(answer.status, inWords(answer.status, said), said ?? {});
}

function inWords(status, said) {
  const detail = said?.detail;
  if (status === 403) return t('api.forbidden');
  if (status === 401) return t('api.login');
  if (Array.isArray(detail)) {
    return detail.map((one) => `${(one.loc || []).slice(1).join('.')}: ${unfit(one)}`).join('; ');
  }
  return typeof detail === 'string' ? saidText(said.said, detail) : t('api.status', {status});
}

/** What is wrong with a field that was sent, by the kind of fault. */
export function unfit({type = '', msg = ''}) {
  if (language() === 'en') return msg;
  const kind = Object.keys(KINDS).find((one) => type.startsWith(one));
  return t(`api.unfit.${KINDS[kind] ?? 'other'}`);
}

/** Leave for the login, and come back here after it. */
export function toLogin() {
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`/login?lang=${document.documentElement.lang}&next=${next}`);
}

export const api = {
  get: (path, options) => ask('GET', path, undefined, options),
  post: (path, body = {}, options) => ask('POST', path, body, options),
  put: (path, body = {}, options) => ask('PUT', path, body, options),
  patch: (path, body = {}, options) => ask('PATCH', path, body, options),
  del: (path, options) => ask('DELETE', path, undefined, options),
};
