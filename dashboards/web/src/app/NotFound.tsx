import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Empty } from '@/ui/Loaded';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty title={t('failure.noPage')}>
      <Link to="/">{t('nav.overview')}</Link>
    </Empty>
  );
}
