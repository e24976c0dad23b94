import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useForms } from '@/nouns/patrol/queries';
import { useFormat } from '@/text/format';
import { Empty, Loaded } from '@/ui/Loaded';
import layout from '@/ui/layout.module.css';
import { PageHead, Panel } from '@/ui/Panel';
import { useTitle } from '@/ui/screen';

/** What is looked at, measured and photographed: each form with its items. */
export function FormsPage() {
  const { t } = useTranslation();
  const { label } = useFormat();
  const query = useForms();
  useTitle(t('patrol.forms'));
  return (
    <>
      <PageHead
        title={t('patrol.forms')}
        under={t('patrol.form.noneHint')}
        actions={<Link to="/forms/new">{t('patrol.form.new')}</Link>}
      />
      <Loaded
        query={query}
        lines={4}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={t('patrol.form.none')}>{t('patrol.form.noneHint')}</Empty>}
      >
        {(data) => (
          <div className={layout.cards}>
            {data.items.map((form) => (
              <Panel
                key={form.id}
                title={<Link to={`/forms/${form.id}`}>{label(form.name)}</Link>}
                actions={
                  <span className="quiet small">
                    {t('patrol.form.version', { version: form.version })} ·{' '}
                    {t('patrol.form.items', { count: form.items.length })}
                  </span>
                }
              >
                <p>{form.items.map((item) => label(item.name)).join(' · ')}</p>
              </Panel>
            ))}
          </div>
        )}
      </Loaded>
    </>
  );
}
