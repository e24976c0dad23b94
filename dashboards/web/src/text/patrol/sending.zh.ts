import type { picture as enPicture, sending as enSending, ways as enWays } from './sending.en';

export const sending: typeof enSending = {
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
};

export const ways: typeof enWays = {
  hint: '时间从扫描可信的已完成任务中学习；尚无记录时按平面图和楼层估算。',
  from: '从',
  to: '到',
  planned: '计划用时',
  usual: '通常用时',
  stay: '出发前停留',
  learned: '依据',
  rounds_one: '{{count}} 次任务',
  rounds_other: '{{count}} 次任务',
  estimate: '估算',
  range: '{{least}} – {{most}}',
  verdict: '是否可行',
  works: '可行',
  unplanned: '未规定时间',
  doubt: {
    out_of_order: '不可行：应到时间早于前一点',
    cannot_be_reached: '不可行：没有人能这么快',
    hardly_reached: '勉强：通常需要更久',
  },
};

export const picture: typeof enPicture = {
  remove: '移除图片',
  unreadable: '浏览器无法读取此图片，请选择 JPEG、PNG 或 WebP。',
  checkpoint: '现场照片',
  checkpointHint: '作为下一点时显示在手机上，没有信号也能看到。',
  item: '示意图片',
};
