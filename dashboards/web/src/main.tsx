import './ui/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startText } from './text/i18n';

const root = document.getElementById('root');
if (root) void startText().then(() => createRoot(root).render(<App />));
