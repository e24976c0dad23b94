import createClient from 'openapi-fetch';
import { language } from '@/text/i18n';
import type { paths } from './schema';

/** What the server said when it refused, or that it could not be reached (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, detail: string, retryAfterS: number | null = null) {
    super(detail);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

export const api = createClient<paths>({ baseUrl: '/' });

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language());
    return request;
  },
  onError() {
    return new ApiError(0, 'unreachable', '');
  },
});

/** The data of an answer, or a thrown ApiError. */
export async function ask<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (response.ok) return data as T;
  const problem = isProblem(error) ? error : { code: 'unknown', detail: '' };
  const retry = Number(response.headers.get('Retry-After'));
  throw new ApiError(response.status, problem.code, problem.detail, retry > 0 ? retry : null);
}

function isProblem(body: unknown): body is { code: string; detail: string } {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
