import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { SESSION_KEY } from '@/api/queries';
import { type Language, speak } from '@/text/i18n';
import { Button } from '@/ui/Button';

/** Switches the language; for a person who is logged in the choice goes with the account. */
export function LanguageButton() {
  const { i18n } = useTranslation();
  const client = useQueryClient();
  const next: Language = i18n.language === 'zh' ? 'en' : 'zh';
  const change = async () => {
    await speak(next);
    if (!client.getQueryData(SESSION_KEY)) return;
    // The screen has changed already; if the account cannot be told, this browser still keeps the choice.
    await api.PATCH('/api/v1/session', { body: { locale: next } }).catch(() => undefined);
  };
  return (
    <Button look="quiet" onClick={change} lang={next === 'zh' ? 'zh-CN' : 'en'}>
      {next === 'zh' ? '中文' : 'English'}
    </Button>
  );
}
