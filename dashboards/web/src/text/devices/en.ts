const en = {
  device: {
    state: { online: 'Online', offline: 'Offline', silent: 'Silent', never: 'Never heard' },
    since: 'for {{age}}',
    lastMessage: 'last message {{age}} ago',
    which: 'State',
    all: 'All',
    noneSo: 'No device in this state',
    means: {
      online: 'Values come in as often as they should.',
      offline: 'It said good-bye, or the connection broke and its last will said so. Nothing came since.',
      silent: 'It did not say good-bye, but none of its values came for three times its interval or longer.',
      never: 'Nothing ever came from it. Check its id, its log-in at the broker and its topic.',
    },
    now: 'State',
    noName: 'No name',
    allDevices: 'All devices',
    sends: 'What it sends',
    sendsNothing: 'No point comes from it yet',
    login: 'Log-in at the broker',
    from: 'Values come from',
    fromNowhere: 'No point, no device',
  },
};

export default en;
