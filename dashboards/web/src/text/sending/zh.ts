import type { Words } from '../words';
import type en from './en';

const zh: Words<typeof en> = {
  sending: {
    send: '派人前往',
    title: '派人处理“{{alarm}}”',
    panel: '告警与派遣',
    none: '没有需要派人的告警',
    noneHint: '未派人的紧急和高级告警会列在这里。',
    to: '前往{{place}}。',
    noPlace: '该设备附近没有巡更点，请在“规划”中添加。',
    nobody: '本项目当前没有人员在岗或在巡更。',
    waits: '其原有任务暂停，并注明告警原因。',
    inserted: '该巡更点将作为下一点插入其任务。',
    nearest: '最近',
    away: '步行约 {{time}}',
    unknownWay: '当前位置未知',
    last: '最后在{{place}}',
    walks: '正在执行{{round}}',
    onShift: '在岗',
    offShift: '不在班次内',
    sentAlready: '已被派往其他告警',
    sendThem: '派{{name}}前往',
    sentTo: '{{name}}正在前往，{{time}} 由{{by}}派出',
    arrived: '{{name}}于 {{time}} 到达',
    notCome: '{{name}}未到达；{{time}} 由{{by}}派出',
    byItself: '告警自动',
    done: '已派{{name}}前往',
  },
};

export default zh;
