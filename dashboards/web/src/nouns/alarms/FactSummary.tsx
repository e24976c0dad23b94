import { useTranslation } from 'react-i18next';
import { FactLine } from './FactLine';
import type { Fact } from './queries';

/** The first fact, and how many more there are. */
export function FactSummary({ facts }: { facts: Fact[] }) {
  const { t } = useTranslation();
  const [first, ...rest] = facts;
  if (!first) return null;
  return (
    <>
      <FactLine fact={first} />
      {rest.length > 0 && <span className="quiet"> {t('fact.more', { count: rest.length })}</span>}
    </>
  );
}
