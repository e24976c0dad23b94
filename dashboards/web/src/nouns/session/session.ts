import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Answer } from '@/api/answers';
import { ApiError, api, ask } from '@/api/client';
import { SESSION_KEY } from '@/api/queries';

export type Session = Answer<'/api/v1/session'>;
export type Role = Session['user']['role'];

const RANKS: Role[] = ['viewer', 'guard', 'engineer', 'admin'];

/** Who is logged in; null when nobody is. */
export function useSessionQuery(): UseQueryResult<Session | null> {
  return useQuery({
    queryKey: SESSION_KEY,
    staleTime: 5 * 60_000,
    retry: 1,
    queryFn: async (): Promise<Session | null> => {
      try {
        return await ask(api.GET('/api/v1/session'));
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
  });
}

const Current = createContext<Session | null>(null);
export const SessionProvider = Current.Provider;

/** Who is logged in, inside the shell. */
export function useSession(): Session {
  const session = useContext(Current);
  if (!session) throw new Error('useSession is for screens behind the login');
  return session;
}

/** Whether the person may do what needs this role. The server decides; this only hides what it would refuse. */
export function useMay(role: Role): boolean {
  return RANKS.indexOf(useSession().user.role) >= RANKS.indexOf(role);
}
