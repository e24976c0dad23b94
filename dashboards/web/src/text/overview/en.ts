const en = {
  overview: {
    bySeverity: 'Open alarms by priority',
    wrongNow: 'Wrong now ({{count}})',
    beingDone: 'Being done ({{count}})',
    allAlarms: 'All alarms',
    allTickets: 'All tickets',
    allNormal: 'Everything is normal',
    allNormalHint: 'Alarms appear here by themselves as soon as a rule sees something.',
    noTickets: 'No open tickets',
    noTicketsHint: 'An alarm opens its ticket by itself; a fault can be reported on the page of a machine.',
    figures: 'Key figures',
    lastHour: 'last hour',
    elsewhere: 'Elsewhere',
    normal: 'normal',
    unknown: 'state unknown',
    moreAssets: '{{shown}} of {{total}} shown here. All of them:',
  },
  guide: {
    title: 'Your first five minutes',
    again: 'Show the guide',
    putAway: 'Put the guide away',
    step: {
      watch: 'Watch',
      acknowledge: 'Acknowledge',
      take: 'Take the ticket',
      prove: 'Let the sensor prove it',
      done: 'Closed on evidence',
    },
    quiet:
      'The building is quiet. In the demo something goes wrong within three minutes: watch the values below.',
    leaving: '{{point}} of {{asset}} is leaving its normal band. No alarm yet: it must last first.',
    openAsset: 'Watch it',
    acknowledge: 'An alarm: {{asset}}, {{rule}}. Acknowledge it: that says “I have seen it”, nothing more.',
    openAlarm: 'Open the alarm',
    take: 'The alarm opened ticket {{ticket}}, and only one however often it comes back. Take it.',
    prove:
      'Ticket {{ticket}} is in work. Try to close it: it is refused until the sensor has been back in band long enough.',
    done: 'Ticket {{ticket}} is closed. Its history shows who did what, and what the sensor said.',
    openTicket: 'Open the ticket',
  },
};

export default en;
