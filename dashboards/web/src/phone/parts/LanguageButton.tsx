import { Button } from '@/ui/Button';
import { speak, useLanguage } from '../text/language';

export function LanguageButton() {
  const next = useLanguage() === 'zh' ? 'en' : 'zh';
  return (
    <Button look="quiet" isLarge onClick={() => speak(next)} lang={next === 'zh' ? 'zh-CN' : 'en'}>
      {next === 'zh' ? '中文' : 'English'}
    </Button>
  );
}
