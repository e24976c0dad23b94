import { Button } from '@/ui/Button';
import { language, speak, useText } from '../text/phrases';

export function LanguageButton() {
  useText();
  const next = language() === 'zh' ? 'en' : 'zh';
  return (
    <Button look="quiet" isLarge onClick={() => speak(next)} lang={next === 'zh' ? 'zh-CN' : 'en'}>
      {next === 'zh' ? '中文' : 'English'}
    </Button>
  );
}
