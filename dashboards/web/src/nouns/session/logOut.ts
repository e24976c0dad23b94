import { useMutation } from '@tanstack/react-query';
import { api, ask } from '@/api/client';
import { queryClient, SESSION_KEY } from '@/api/queries';

/** Ends the session here and on the server, and forgets what was on screen. */
export function useLogOut() {
  return useMutation({
    mutationFn: () => ask(api.DELETE('/api/v1/session')),
    onSuccess: () => {
      queryClient.clear();
      queryClient.setQueryData(SESSION_KEY, null);
      window.location.assign('/login');
    },
  });
}
