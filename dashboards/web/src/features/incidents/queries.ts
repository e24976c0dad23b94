import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Answer, Item, PostBody } from '@/api/answers';
import { api, ask } from '@/api/client';
import { useChange } from '@/api/queries';

export type Incident = Item<'/api/v1/incidents'>;
export type IncidentDetail = Answer<'/api/v1/incidents/{incident_id}'>;
export type Node = IncidentDetail['nodes'][number];
export type IncidentStates = 'open' | 'ended' | 'all';

export function useIncidents(status: IncidentStates) {
  return useQuery({
    queryKey: ['incidents', 'list', status],
    queryFn: () => ask(api.GET('/api/v1/incidents', { params: { query: { status, limit: 200 } } })),
    placeholderData: keepPreviousData,
  });
}

export function useIncident(id: number) {
  return useQuery({
    queryKey: ['incidents', 'one', id],
    queryFn: () => ask(api.GET('/api/v1/incidents/{incident_id}', { params: { path: { incident_id: id } } })),
  });
}

export function useDeclare() {
  return useChange(['incidents', 'tickets'], (body: PostBody<'/api/v1/incidents'>) =>
    ask(api.POST('/api/v1/incidents', { body })),
  );
}

export function useRemark(id: number, kind: 'comment' | 'end') {
  const client = useQueryClient();
  const params = { path: { incident_id: id } };
  return useMutation({
    mutationFn: (text: string) =>
      kind === 'end'
        ? ask(api.POST('/api/v1/incidents/{incident_id}/end', { params, body: { text } }))
        : ask(api.POST('/api/v1/incidents/{incident_id}/comment', { params, body: { text } })),
    onSettled: () => client.invalidateQueries({ queryKey: ['incidents'] }),
  });
}
