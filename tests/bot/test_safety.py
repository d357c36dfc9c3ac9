"""The token goes nowhere but to its forge, and what a repository holds is only data."""

import http.server
import pathlib
import re
import shutil
import ssl
import subprocess
import threading

from forge import TOKEN, Refused
from scenario import BRANCH, FILES, KIND, NAME, NODE, PRISM, Scenario, main

BASIC = 'Basic '


class Catcher:
    """Another host: it notes what it is sent."""

    def __init__(self, status=200, body=b'{}', context=None):
        catcher = self
        self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                catcher.seen.append((self.path, self.headers.get('Authorization')))
                self.send_response(status)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.handle_error = lambda *_: None
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Token(Scenario):
    def test_it_is_in_no_argument_and_no_environment_of_others(self):
        """While the bot runs, no process of this machine but the bot's git on the network shows it."""
        repository = self.forge.add(NAME, FILES)
        clone = self.clone()
        hook = clone / '.git/hooks/pre-commit'
        hook.write_text('#!/bin/sh\nfor p in /proc/[0-9]*; do tr "\\0" "\\n" < $p/cmdline; done > "$HOME/arguments" 2>/dev/null\n'
                        'cat /proc/$PPID/environ /proc/$(cut -d" " -f4 /proc/$PPID/stat)/environ > "$HOME/environment"\n')
        hook.chmod(0o755)
        seen = []

        def look(*_):
            for process in pathlib.Path('/proc').glob('[0-9]*'):
                try:
                    seen.append((process / 'cmdline').read_bytes())
                except OSError:
                    pass
        self.forge.faults.append(look)
        self.bot(cwd=clone)
        self.assertTrue(repository.requests)
        basic = next(a for a in self.forge.authorizations if a.startswith(BASIC))[len(BASIC):]
        everything = b''.join(seen) + (self.home / 'arguments').read_bytes() + (self.home / 'environment').read_bytes()
        self.assertIn(b'unroot-bot', everything)
        self.assertNotIn(TOKEN.encode(), everything)
        self.assertNotIn(basic.encode(), everything)

    def test_it_is_in_no_output(self):
        """Not even where a server or a remote repeats it."""
        self.forge.add(NAME, FILES)

        def repeat(method, path):
            raise Refused(400, f'bad token {TOKEN}')
        self.forge.faults.append(repeat)
        result = self.bot('-v', code=2)
        self.assertIn('bad token ***', result.err)

    def test_it_stays_when_a_redirect_leads_away(self):
        self.forge.add(NAME, FILES)
        other = Catcher()
        self.addCleanup(other.close)

        def away(method, path):
            raise Refused(302, 'moved', {'Location': f'http://127.0.0.1:{other.port}/elsewhere'})
        self.forge.faults.append(away)
        self.bot(code=2)
        self.assertEqual(other.seen, [('/elsewhere', None)])

    def test_a_redirect_on_the_same_host_is_followed(self):
        if PRISM:
            self.skipTest('the proxy changes the host')
        repository = self.forge.add(NAME, FILES)
        left = [1]

        def moved(method, path):
            if left[0] and method == 'GET':
                left[0] -= 1
                raise Refused(301, 'moved', {'Location': self.api + path})
        self.forge.faults.append(moved)
        self.bot()
        self.one(repository)

    def test_it_does_not_go_where_the_forge_sends_git(self):
        """A forge that was taken over names another place to clone from."""
        repository = self.forge.add(NAME, FILES)
        other = Catcher()
        self.addCleanup(other.close)
        repository_json = KIND.project_json if KIND.kind == 'gitlab' else KIND.repository_json
        field = 'http_url_to_repo' if KIND.kind == 'gitlab' else 'clone_url'
        for address in (f'http://127.0.0.1:{other.port}/acme/shop.git', 'ext::sh -c id', '--upload-pack=id',
                        self.forge.url + '@127.0.0.1:1/x'):
            name = repository_json.__name__
            self.addCleanup(setattr, KIND, name, repository_json)
            setattr(KIND, name, lambda s, r, a=address: {**repository_json(s, r), field: a})
            self.assertIn('is not below', self.bot(code=2).err)
        self.assertEqual(other.seen, [])
        self.assertEqual(repository.requests, [])

    def test_plain_http_is_for_this_machine_only(self):
        for address in ('http://forge.example.org/api', 'ftp://127.0.0.1/', 'http://127.0.0.1.example.org/',
                        'http://127.0.0.1@example.org/'):
            result = self.bot(f'--api={address}', code=2)
            self.assertIn('a token is only sent to https://', result.err)

    def test_tls_is_verified(self):
        key, certificate = self.home / 'key.pem', self.home / 'certificate.pem'
        made = shutil.which('openssl') and subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1', '-addext',
             'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate], capture_output=True, check=False)
        if not made or made.returncode:
            self.skipTest('no openssl to make a certificate with')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        other = Catcher(context=context)
        self.addCleanup(other.close)
        result = self.bot(f'--api=https://127.0.0.1:{other.port}', code=2)
        self.assertRegex(result.err, 'certificate')
        self.assertEqual(other.seen, [])

    def test_answers_have_a_limit(self):
        other = Catcher(body=b'[' + b' ' * (17 << 20) + b']')
        self.addCleanup(other.close)
        self.assertIn('too large', self.bot(f'--api=http://127.0.0.1:{other.port}', code=2).err)

    def test_none_and_bad_ones(self):
        self.forge.add(NAME, FILES)
        self.assertIn(f'set {KIND.token_name}', self.bot(code=2, env={KIND.token_name: None}).err)
        self.assertIn('character', self.bot(code=2, env={KIND.token_name: 'a\r\nX-Header: b'}).err)
        self.assertIn('401', self.bot(code=2, env={KIND.token_name: 'wrong'}).err)


class Data(Scenario):
    def test_hostile_names_and_texts(self):
        """Paths, stages and users that look like options, Markdown, control sequences or commands."""
        hostile = NODE.replace('node:20-slim', 'node:20-slim AS x').replace('/srv', '/srv/`id`$(id)|<!-- unroot-bot -->')
        files = {}
        for directory in ('$(touch pwned)', '-rf', 'a b', 'x`|`y', '@everyone #1', 'fixes #1', 'new\nline', '\x1b[31m', 'ü'):
            files[f'{directory}/Dockerfile'] = hostile
            files[f'{directory}/package.json'] = '{}\n'
        for way in self.ways:
            self.forge.reset(self.home / f'forge-{way}')
            repository = self.forge.add(NAME, files)
            self.bot(f'--commit={way}')
            request = self.one(repository)
            self.assertNotIn('\x1b', request['body'])
            self.assertIn('| `new\\nline/Dockerfile` |', request['body'])
            self.assertNotRegex(re.sub(r'``.*?``|`[^`\n]*`', '', request['body']), '@everyone|#1')
            self.assertEqual(request['body'].count('<!-- unroot-bot'), 1)
            changed = repository.git('diff', '-z', '--name-only', f'main..{BRANCH}').split('\0')
            self.assertEqual(len([c for c in changed if c]), len(files) // 2)
            self.bot(f'--commit={way}')
            self.one(repository)
            self.assertNotRegex(request['body'], r'fixes +#')
        self.bot('--group=file')
        self.assertEqual(len(repository.open_requests()), len(files) // 2)
        for request in repository.open_requests():
            said = request['title'] + repository.git('log', '-1', '--format=%B', request['branch'])
            self.assertNotRegex(said, '[@#\x1b]')
        self.assertFalse([p for p in self.home.rglob('pwned')])

    def test_links_are_not_followed_out(self):
        outside = self.home / 'outside'
        outside.mkdir()
        (outside / 'Dockerfile').write_text(NODE)
        repository = self.forge.add(NAME, {**FILES, 'linked/Dockerfile': ('120000', str(outside / 'Dockerfile')),
                                           'Containerfile': ('120000', 'Dockerfile'),
                                           'api.dockerfile': ('120000', '/etc/passwd'),
                                           'directory': ('120000', str(outside))})
        self.bot()
        self.assertEqual(repository.git('diff', '--name-only', f'main..{BRANCH}'), 'Dockerfile')
        self.assertEqual((outside / 'Dockerfile').read_text(), NODE)

    def test_paths_that_git_would_refuse(self):
        """A tree with ".." or ".git" in it, as no git would write it, but a server could hold it."""
        repository = self.forge.add(NAME, FILES)
        blob = repository.git('hash-object', '-w', '--stdin', text=NODE.encode())
        for name in (b'..', b'.git'):
            inner = repository.git('hash-object', '-t', 'tree', '-w', '--stdin', '--literally',
                                   text=b'100644 Dockerfile\0' + bytes.fromhex(blob))
            tree = repository.git('hash-object', '-t', 'tree', '-w', '--stdin', '--literally',
                                  text=b'40000 ' + name + b'\0' + bytes.fromhex(inner))
            commit = repository.git('commit-tree', tree, text=b'hostile')
            repository.git('update-ref', 'refs/heads/main', commit)
            result = self.bot(code=2)
            self.assertIn('git ', result.err)
            self.assertEqual(repository.requests, [])
        self.assert_nothing_left()

    def test_huge_files(self):
        huge = 'FROM node:20-slim\n' + '# x\n' * (1 << 19) + 'CMD ["node"]\n'
        repository = self.forge.add(NAME, {**FILES, 'huge/Dockerfile': huge, 'big.bin': b'\0' * (8 << 20)})
        self.assertIn('huge/Dockerfile: is larger than', self.bot(code=2).err)
        self.assertEqual(repository.git('diff', '--name-only', f'main..{BRANCH}'), 'Dockerfile')

    def test_branches_that_are_none(self):
        self.forge.add(NAME, FILES)
        for name in ('a b', 'a..b', '-x', 'a\nb', 'x:refs/heads/main', 'a*', '@{-1}', ''):
            self.assertNotEqual(self.bot(f'--branch={name}', code=2).err, '')
        self.assertEqual(self.forge.find(NAME).requests, [])
        for name in ('a\nb', '--upload-pack=id', 'nothing', 'x:refs/heads/main'):
            self.assertNotEqual(self.bot(f'--base={name}', code=2).err, '')
        self.assertEqual(self.forge.find(NAME).branches(), ['main'])

    def test_repositories_that_are_none(self):
        for name in ('../../user', 'a/b/../c', 'a/%2e%2e', 'a b/c', '/x', 'x'):
            self.bot(f'--repo={name}', repo=None, code=2)
        self.assertEqual([x for x in self.forge.log if ' 404' not in x and ' 422' not in x], [])

    def test_nothing_of_a_repository_is_run(self):
        """Hooks, filters and submodules that a tree brings along."""
        repository = self.forge.add(NAME, {
            **FILES, '.gitattributes': '* filter=evil diff=evil merge=evil\n',
            '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch $HOME/pwned"\n\tupdate = !touch $HOME/pwned\n',
            '.githooks/pre-commit': ('100755', '#!/bin/sh\ntouch $HOME/pwned\n'),
            'entrypoint.sh': ('100755', '#!/bin/sh\ntouch $HOME/pwned\n')})
        for way in self.ways:
            self.bot(f'--commit={way}')
        self.one(repository)
        self.assertFalse((self.home / 'pwned').exists())

    def test_line_ends_and_modes_stay(self):
        files = {'Dockerfile': ('100755', NODE.replace('\n', '\r\n')), 'package.json': '{}\n', 'server.js': ''}
        for way in self.ways:
            self.forge.reset(self.home / f'forge-{way}')
            repository = self.forge.add(NAME, files)
            self.bot(f'--commit={way}')
            self.assertIn('100755', repository.git('ls-tree', BRANCH, 'Dockerfile'))
            self.assertEqual(repository.read(BRANCH, 'Dockerfile').count('\n'),
                             repository.read(BRANCH, 'Dockerfile').count('\r\n'))

    def test_bytes_that_are_no_text(self):
        files = {**FILES, 'Dockerfile': NODE.encode() + b'# \xff\xfe\n'}
        for way in self.ways:
            self.forge.reset(self.home / f'forge-{way}')
            repository = self.forge.add(NAME, files)
            self.bot(f'--commit={way}')
            self.one(repository)
            self.assertIn(b'# \xff\xfe\n', repository.git('cat-file', 'blob', f'{BRANCH}:Dockerfile', binary=True))


if __name__ == '__main__':
    main()
