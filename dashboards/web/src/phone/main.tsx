import '@/ui/base.css';
import './phone.css';
import { createRoot } from 'react-dom/client';
import { Gate } from './Gate';
import { keepTap } from './tap';

const root = document.getElementById('root');
// A tag's address first: nothing that comes later may lose it.
if (root) void keepTap().then(() => createRoot(root).render(<Gate />));
