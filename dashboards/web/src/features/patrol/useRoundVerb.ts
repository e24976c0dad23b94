import { api, ask } from '@/api/client';
import { usePatrolWrite } from '@/nouns/patrol/queries';

export type Doing =
  | { verb: 'call'; text: string }
  | { verb: 'suspend'; reason: string }
  | { verb: 'resume' }
  | { verb: 'reassign'; user: number | null }
  | { verb: 'insert'; checkpoint: number; reason: string; within_s: number }
  | { verb: 'excuse'; checkpoint: number; comment: string };

/** What a supervisor does to a round while it runs. */
export function useRoundVerb(round: number) {
  const params = { path: { row_id: round } };
  return usePatrolWrite((doing: Doing) => {
    switch (doing.verb) {
      case 'call':
        return ask(api.POST('/api/v1/patrol/rounds/{row_id}/call', { params, body: { text: doing.text } }));
      case 'suspend':
        return ask(
          api.POST('/api/v1/patrol/rounds/{row_id}/suspend', { params, body: { reason: doing.reason } }),
        );
      case 'resume':
        return ask(api.POST('/api/v1/patrol/rounds/{row_id}/resume', { params }));
      case 'reassign':
        return ask(
          api.POST('/api/v1/patrol/rounds/{row_id}/reassign', { params, body: { user_id: doing.user } }),
        );
      case 'insert':
        return ask(
          api.POST('/api/v1/patrol/rounds/{row_id}/insert', {
            params,
            body: { checkpoint_id: doing.checkpoint, reason: doing.reason, within_s: doing.within_s },
          }),
        );
      case 'excuse':
        return ask(
          api.POST('/api/v1/patrol/rounds/{row_id}/excuse', {
            params,
            body: { checkpoint_id: doing.checkpoint, comment: doing.comment || null },
          }),
        );
    }
  });
}
