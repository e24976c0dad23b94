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

/** The actor's name where nobody acted: the server itself did. */
export const BY_ITSELF = 'plantroom';
