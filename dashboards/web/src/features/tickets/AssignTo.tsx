import { useTranslation } from 'react-i18next';
import { usePeople } from '@/nouns/people/queries';
import type { TicketDetail } from '@/nouns/tickets/queries';
import { Choice } from '@/ui/Field';

interface Props {
  ticket: TicketDetail;
  onAssign: (userId: number) => void;
}

/** Who else could do it: engineers and administrators who are active. */
export function AssignTo({ ticket, onAssign }: Props) {
  const { t } = useTranslation();
  const able = (usePeople().data ?? []).filter(
    (user) => (user.role === 'engineer' || user.role === 'admin') && user.id !== ticket.assignee?.id,
  );
  const options = [
    { value: '', label: t('ticket.assign') },
    ...able.map((user) => ({ value: String(user.id), label: user.display_name })),
  ];
  return (
    <Choice
      label={t('ticket.assign')}
      isCompact
      value=""
      options={options}
      onPick={(id) => id && onAssign(Number(id))}
    />
  );
}
