import { useQuery } from '@tanstack/react-query';
import { api, ask } from '@/api/client';

/** How many of my notices I have not looked at; the live stream says when to look again. */
export function useUnread() {
  return useQuery({
    queryKey: ['notices', 'unread'],
    queryFn: () => ask(api.GET('/api/v1/notices/unread')),
  });
}
