import { BarChart } from 'echarts/charts';
import { use } from 'echarts/core';

// Bars are drawn on this page only: the other pages need not load them.
use([BarChart]);
