import { useTranslation } from 'react-i18next';
import { useFormat } from '@/text/format';
import type { Label } from '@/text/i18n';

/** The short name of a kind of exception; codes that are new since say that something is unusual. */
export function useExceptionName() {
  const { t, i18n } = useTranslation();
  return (code: string): string => {
    const key = `patrol.exception.${code}`;
    return i18n.exists(key) ? String(i18n.t(key as never)) : t('patrol.exception.other');
  };
}

/** What a person said it was, or how the system saw that it is over. */
export function useSettledName() {
  const { t, i18n } = useTranslation();
  return (as: string | null): string => {
    const key = `patrol.settle.${as}`;
    return i18n.exists(key) ? String(i18n.t(key as never)) : t('patrol.settle.done');
  };
}

export function useEventName() {
  const { t, i18n } = useTranslation();
  return (kind: string): string => {
    const key = `patrol.round.event.${kind}`;
    return i18n.exists(key) ? String(i18n.t(key as never)) : t('patrol.round.event.other');
  };
}

/** Why something was suspended, inserted or sent: `{kind, id, text}`. */
export function useCauseText() {
  const { label } = useFormat();
  return (cause: { [key: string]: unknown } | null): string | null => {
    const said = cause?.text;
    return isLabel(said) ? label(said) : null;
  };
}

function isLabel(value: unknown): value is Label {
  return typeof value === 'object' && value !== null && 'en' in value && 'zh' in value;
}
