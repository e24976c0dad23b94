import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, ask } from '@/api/client';
import { useUsers } from '@/nouns/people/queries';
import { useFormat } from '@/text/format';
import { type Step, useChannels } from './queries';

export type Who = Step['who'][number];

export function useTeamNames() {
  return useQuery({
    queryKey: ['shifts', 'teams', 'all'],
    queryFn: () => ask(api.GET('/api/v1/teams')),
    select: (teams) => teams.items,
  });
}

/** Who and how of a step, in words. */
export function useStepText() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const teams = useTeamNames().data ?? [];
  const users = useUsers().data?.items ?? [];
  const channels = useChannels().data?.items ?? [];
  const who = (one: Who): string => {
    if (one.type === 'role') return t(`notify.everyOf.${one.role}`);
    if (one.type === 'person') return users.find((user) => user.id === one.user_id)?.display_name ?? '…';
    if (!one.team_id) return t('notify.onCall');
    const team = teams.find((known) => known.id === one.team_id);
    return t('notify.onCallOf', { name: team ? label(team.name) : '…' });
  };
  const ways = (step: Step): string => {
    const chain = (step.ways ?? []).map((way) => t(`notify.way.${way}`)).join(' → ');
    const own = [t('notify.way.in_app'), chain].filter(Boolean).join(' + ');
    const groups =
      step.groups === 'all'
        ? t('notify.allGroups')
        : (step.groups ?? [])
            .map((id) => channels.find((channel) => channel.id === id)?.name ?? '…')
            .join(' → ');
    return groups ? `${own} · ${groups}` : own;
  };
  return { who, ways };
}
