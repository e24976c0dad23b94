import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { useFailureText } from '@/ui/Failure';
import { Field } from '@/ui/Field';
import layout from '@/ui/layout.module.css';
import styles from './Devices.module.css';
import { type Report, useWorkbook } from './queries';

const SHEETS = ['spaces', 'assets', 'points', 'feeds'] as const;

/** First what would happen, row by row where something is wrong; then it is done. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const text = useFailureText();
  const [file, setFile] = useState<File | null>(null);
  const workbook = useWorkbook();
  const report = workbook.data;
  const changes = SHEETS.reduce((sum, name) => sum + changed(report, name), 0);
  const look = (next: File | null) => {
    setFile(next);
    workbook.reset();
    if (next) workbook.mutate({ file: next, apply: false });
  };
  return (
    <Dialog title={t('onboarding.import')} look="drawer" onClose={onClose}>
      <div className={layout.form}>
        <p>{t('onboarding.importMeans')}</p>
        <Field
          label={t('onboarding.file')}
          type="file"
          accept=".xlsx"
          onChange={(event) => look(event.target.files?.[0] ?? null)}
        />
        {workbook.isPending && <p role="status">{t('onboarding.reading')}</p>}
        {workbook.error && <p role="alert">{text(workbook.error)}</p>}
        {report && <Outcome report={report} />}
        {report && !report.applied && changes > 0 && file && (
          <Button
            look="primary"
            isLarge
            isBusy={workbook.isPending}
            onClick={() => workbook.mutate({ file, apply: true })}
          >
            {t('onboarding.apply', { count: changes })}
          </Button>
        )}
        {report?.applied && (
          <Button isLarge onClick={onClose}>
            {t('action.close')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function changed(report: Report | undefined, sheet: string): number {
  const count = report?.counts[sheet];
  return count ? count.created + count.changed : 0;
}

function Outcome({ report }: { report: Report }) {
  const { t } = useTranslation();
  const { label } = useFormat();
  return (
    <>
      <h3 role="status">{t(report.applied ? 'onboarding.applied' : 'onboarding.preview')}</h3>
      <table className={styles.table}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('onboarding.created')}</th>
            <th scope="col">{t('onboarding.changed')}</th>
            <th scope="col">{t('onboarding.unchanged')}</th>
          </tr>
        </thead>
        <tbody>
          {SHEETS.map((name) => (
            <tr key={name}>
              <th scope="row">{t(`onboarding.sheet.${name}`)}</th>
              <td>{report.counts[name]?.created ?? 0}</td>
              <td>{report.counts[name]?.changed ?? 0}</td>
              <td>{report.counts[name]?.unchanged ?? 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{t('onboarding.refused', { count: report.refused_total })}</h3>
      <ul className={styles.refused}>
        {report.refused.map((each) => (
          <li key={`${each.sheet} ${each.row} ${each.column}`}>
            <strong>
              {t('onboarding.where', { sheet: each.sheet, row: each.row, column: each.column })}
            </strong>
            {each.value && <code> {each.value}</code>}
            <div>{label(each.what)}</div>
            <div className="quiet small">{label(each.kept)}</div>
          </li>
        ))}
      </ul>
      {report.refused_total > report.refused.length && (
        <p className="quiet">{t('onboarding.moreRefused', { count: report.refused.length })}</p>
      )}
    </>
  );
}
