import { MutationCache, QueryCache, QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
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

/** A write; what is shown of these nouns is read again afterwards, also when it was refused. */
export function useChange<V, A>(nouns: readonly (Noun | 'users')[], write: (value: V) => Promise<A>) {
  const client = useQueryClient();
  const readAgain = () =>
    Promise.all(nouns.map((noun) => client.invalidateQueries({ queryKey: [noun] }))).then(() => {});
  return useMutation({
    mutationFn: write,
    onSuccess: readAgain,
    // Not waited for: why it was refused is shown at once.
    onError: () => void readAgain(),
  });
}

/** How a list goes on that comes in pages: each says where the next one begins, the last says nothing. */
export const BY_CURSOR = {
  initialPageParam: '',
  getNextPageParam: (last: { next?: string | null }) => last.next ?? undefined,
};

/** The part of a query that asks for the page after this one. */
export const after = (cursor: string) => (cursor ? { cursor: Number(cursor) } : {});
