import { useQuery } from '@tanstack/react-query';
import type { Item } from '@/api/answers';
import { api, ask } from '@/api/client';

export type User = Item<'/api/v1/users'>;

/** All people; administrators only. */
export function useUsers({ isWanted = true } = {}) {
  return useQuery({
    queryKey: ['users'],
    enabled: isWanted,
    queryFn: () => ask(api.GET('/api/v1/users', { params: { query: { limit: 1000 } } })),
  });
}

export type Person = Item<'/api/v1/people'>;

/** Whom work can be given to; for engineers and administrators. */
export function usePeople({ isWanted = true } = {}) {
  return useQuery({
    queryKey: ['users', 'people'],
    enabled: isWanted,
    queryFn: () => ask(api.GET('/api/v1/people')),
    select: (page) => page.items,
  });
}

/** The actor's name where nobody acted: the server itself did. */
export const BY_ITSELF = 'plantroom';
