import { language } from './text/language';

/** The server refused, or could not be reached (status 0); `message` is in the person's language. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(status: number, code: string, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'Refused';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

const LONGEST_WAIT_MS = 30_000;

interface Request {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  json?: unknown;
  body?: Blob;
  headers?: Record<string, string>;
}

/** One request to our own server; throws Refused for every answer that is not a success (or 304). */
export async function ask(path: string, request: Request = {}): Promise<Response> {
  const { method = 'GET', json, body, headers = {} } = request;
  const answer = await fetch(path, {
    method,
    body: json === undefined ? body : JSON.stringify(json),
    headers: {
      Accept: 'application/json',
      'Accept-Language': language(),
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    credentials: 'same-origin',
    cache: 'no-store',
    signal: AbortSignal.timeout(LONGEST_WAIT_MS),
  }).catch(() => {
    throw new Refused(0, 'unreachable', '');
  });
  if (answer.ok || answer.status === 304) return answer;
  const problem = await answer.json().catch(() => null);
  const { code, detail } = isProblem(problem) ? problem : { code: 'unknown', detail: '' };
  const retryS = Number(answer.headers.get('Retry-After'));
  throw new Refused(answer.status, code, detail, retryS > 0 ? retryS * 1000 : null);
}

export async function askJson<T>(path: string, request: Request = {}): Promise<T> {
  return (await ask(path, request)).json();
}

function isProblem(body: unknown): body is { code: string; detail: string } {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
