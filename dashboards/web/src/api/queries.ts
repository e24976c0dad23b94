import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './client';

export const SESSION_KEY = ['session'];

/** Nouns the server tells changes of; the first part of every query key that shows them. */
export const NOUNS = [
  'alarms',
  'tickets',
  'assets',
  'devices',
  'rules',
  'inbox',
  'incidents',
  'windows',
  'notices',
  'shifts',
  'patrol',
  'sos',
] as const;
export type Noun = (typeof NOUNS)[number];

function forgetSession(error: unknown) {
  if (error instanceof ApiError && error.status === 401 && queryClient.getQueryData(SESSION_KEY)) {
    queryClient.setQueryData(SESSION_KEY, null);
  }
}

function isWorthRetrying(failures: number, error: unknown): boolean {
  const refused = error instanceof ApiError && error.status >= 400 && error.status < 500;
  return !refused && failures < 3;
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: forgetSession }),
  mutationCache: new MutationCache({ onError: forgetSession }),
  defaultOptions: {
    queries: { staleTime: 15_000, retry: isWorthRetrying, refetchOnWindowFocus: true },
  },
});
