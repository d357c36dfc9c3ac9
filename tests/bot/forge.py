"""A server on the loopback that keeps repositories, as a forge does: git over HTTP through git's own http-backend, and
what the three fakes of an API have in common. Refs live in bare repositories alone, so that a push and a request of the
API see the same thing."""

import base64
import http.server
import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import urllib.parse

TOKEN = 'tok_0123456789abcdefSECRET'


class Refused(Exception):
    """An answer with an error."""

    def __init__(self, status, message, headers=()):
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers)


class Repository:
    def __init__(self, root, owner, name, number, parent=None):
        self.owner, self.name, self.number, self.parent = owner, name, number, parent
        self.path = root / owner / (name + '.git')
        self.branch = 'main'
        self.requests = []
        self.archived = self.read_only = False
        self.comments = []
        if parent:
            subprocess.run(['git', 'clone', '-q', '--bare', parent.path, self.path], check=True)
        else:
            subprocess.run(['git', 'init', '-q', '--bare', '-b', 'main', self.path], check=True)
        self.git('config', 'http.receivepack', 'true')

    @property
    def full_name(self):
        return f'{self.owner}/{self.name}'

    def git(self, *words, text=None, binary=False):
        done = subprocess.run(['git', '-C', self.path, *words], input=text, capture_output=True, check=False,
                              env={**os.environ, 'GIT_AUTHOR_NAME': 'forge', 'GIT_AUTHOR_EMAIL': 'forge@example.org',
                                   'GIT_COMMITTER_NAME': 'forge', 'GIT_COMMITTER_EMAIL': 'forge@example.org'})
        if done.returncode:
            raise Refused(422, done.stderr.decode(errors='replace').strip() or 'refused')
        return done.stdout if binary else done.stdout.decode().strip()

    def commit_of(self, branch):
        try:
            return self.git('rev-parse', '--quiet', '--verify', f'refs/heads/{branch}')
        except Refused:
            return None

    def branches(self):
        return self.git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads/').split()

    def tree(self, base, files):
        """The tree `base` with files changed: path -> text, bytes, (mode, either), or None for one that goes."""
        index = self.path / f'index-{threading.get_ident()}'
        index.unlink(missing_ok=True)
        env = {**os.environ, 'GIT_INDEX_FILE': str(index)}

        def run(*words, text=None):
            done = subprocess.run(['git', '-C', self.path, *words], check=True, env=env, capture_output=True, input=text)
            return done.stdout.decode().strip()
        if base:
            run('read-tree', base)
        for path, content in files.items():
            if content is None:
                run('update-index', '-z', '--index-info', text=f'0 {"0" * 40}\t{path}\0'.encode())
                continue
            mode, content = content if isinstance(content, tuple) else ('100644', content)
            blob = run('hash-object', '-w', '--stdin', text=content.encode() if isinstance(content, str) else content)
            run('update-index', '-z', '--index-info', text=f'{mode} {blob}\t{path}\0'.encode())
        return run('write-tree')

    def write(self, files, message='feat: more', branch='main', on=None):
        """A commit on top of the branch, or of the commit `on`."""
        parent = on or self.commit_of(branch)
        tree = self.tree(parent, files)
        commit = self.git('commit-tree', tree, *(['-p', parent] if parent else []), text=message.encode())
        self.git('update-ref', f'refs/heads/{branch}', commit)
        return commit

    def read(self, branch, path):
        return self.git('cat-file', 'blob', f'{branch}:{path}', binary=True).decode()

    def open_requests(self):
        return [r for r in self.requests if r['state'] == 'open']


class Forge:
    """The state and the server. Subclasses route the API's calls."""

    api_path = ''
    scheme = 'Bearer'
    login = 'bot'

    def __init__(self, root):
        self.lock = threading.RLock()
        self.reset(root)
        handler = type('Bound', (Handler,), {'forge': self})
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_port}'
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def reset(self, root):
        self.root = pathlib.Path(root)
        self.repositories = {}
        self.log = []            # 'METHOD path', of the API and of git
        self.authorizations = []
        self.faults = []         # functions (method, path), called before each call of the API: may raise Refused
        self.losses = []         # the same, called when it took effect
        self.kill_at = None      # the victim dies when this many requests took effect
        self.victim = None

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def add(self, full_name, files, message='feat: first', **more):
        owner, name = full_name.split('/')
        repository = Repository(self.root, owner, name, len(self.repositories) + 1, **more)
        self.repositories[full_name] = repository
        if files is not None:
            repository.write(files, message)
        return repository

    def find(self, full_name):
        repository = self.repositories.get(full_name)
        if not repository:
            raise Refused(404, 'Not Found')
        return repository

    def request_of(self, repository, number):
        for request in repository.requests:
            if request['number'] == int(number):
                return request
        raise Refused(404, 'Not Found')

    def fork_of(self, repository):
        name = f'{self.login}/{repository.name}'
        if name not in self.repositories:
            self.add(name, None, parent=repository)
        return self.repositories[name]

    def open_request(self, target, source, branch, base, title, body, draft=False, labels=()):
        """What every forge checks: both branches, something between them, and no second one."""
        if not source.commit_of(branch) or not target.commit_of(base):
            raise Refused(422, 'Validation Failed: head or base is invalid')
        head = source.commit_of(branch)
        if head == target.commit_of(base):
            raise Refused(422, f'No commits between {base} and {branch}')
        for other in target.open_requests():
            if (other['source'], other['branch'], other['base']) == (source.full_name, branch, base):
                raise Refused(422, f'A pull request already exists for {source.owner}:{branch}.')
        request = {'number': len(target.requests) + 1, 'state': 'open', 'merged': False, 'title': title, 'body': body,
                   'draft': draft, 'labels': list(labels), 'source': source.full_name, 'branch': branch, 'base': base,
                   'reviews': []}
        target.requests.append(request)
        return request

    def branch_gone(self, source, branch):
        for repository in self.repositories.values():
            for request in repository.open_requests():
                if (request['source'], request['branch']) == (source.full_name, branch):
                    request['state'] = 'closed'

    def handle(self, method, path, query, body):
        raise NotImplementedError


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    disable_nagle_algorithm = True  # head and body are two writes
    forge = None

    def log_message(self, *_):
        pass

    def read_body(self):
        if self.headers.get('Transfer-Encoding') == 'chunked':
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b''.join(parts)
        return self.rfile.read(int(self.headers.get('Content-Length') or 0))

    def answer(self, status, body=b'', headers=(), kind='application/json'):
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if body:
            self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def may_pass(self, expected):
        given = self.headers.get('Authorization', '')
        self.forge.authorizations.append(given)
        return given == expected

    def took_effect(self, what):
        """Notes a request that was done, and kills whoever asked when its time has come: it never sees the answer."""
        forge = self.forge
        forge.log.append(what)
        if forge.kill_at is not None and len(forge.log) >= forge.kill_at and forge.victim:
            victim, forge.victim = forge.victim, None
            os.kill(victim.pid, signal.SIGKILL)
            victim.wait()
            raise ConnectionAbortedError

    def serve(self):
        try:
            self.dispatch()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = serve

    def dispatch(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.read_body()
        if '.git/' in url.path:
            self.run_git(url, body)
        elif url.path.startswith(self.forge.api_path + '/'):
            self.run_api(url, body)
        else:
            self.answer(404)

    def run_git(self, url, body):
        """git http-backend, as a web server runs it."""
        user = base64.b64decode((self.headers.get('Authorization') or 'x x').split(' ')[1] + '==')
        self.forge.authorizations.append(self.headers.get('Authorization', ''))
        if not user.endswith(b':' + TOKEN.encode()):
            return self.answer(401, headers={'WWW-Authenticate': 'Basic realm="git"'})
        env = {**os.environ, 'GIT_PROJECT_ROOT': str(self.forge.root), 'GIT_HTTP_EXPORT_ALL': '1',
               'PATH_INFO': urllib.parse.unquote(url.path), 'QUERY_STRING': url.query, 'REQUEST_METHOD': self.command,
               'CONTENT_TYPE': self.headers.get('Content-Type', ''), 'REMOTE_ADDR': '127.0.0.1',
               'CONTENT_LENGTH': str(len(body)), 'HTTP_CONTENT_ENCODING': self.headers.get('Content-Encoding', ''),
               'GIT_PROTOCOL': self.headers.get('Git-Protocol', '')}
        with self.forge.lock:
            out = subprocess.run(['git', 'http-backend'], input=body, env=env, capture_output=True, check=True).stdout
            self.took_effect(f'git {self.command} {url.path}')
        head, _, rest = out.partition(b'\r\n\r\n')
        headers = dict(line.split(': ', 1) for line in head.decode().split('\r\n'))
        status = int(headers.pop('Status', '200 OK').split()[0])
        self.answer(status, rest, {k: v for k, v in headers.items() if k != 'Content-Type'},
                    headers.get('Content-Type', ''))

    def run_api(self, url, body):
        forge = self.forge
        path = url.path[len(forge.api_path):]
        what = f'{self.command} {path}'
        try:
            with forge.lock:
                for fault in list(forge.faults):
                    fault(self.command, path)
                if not self.may_pass(f'{forge.scheme} {TOKEN}'):
                    raise Refused(401, 'Bad credentials')
                query = dict(urllib.parse.parse_qsl(url.query))
                status, result = forge.handle(self.command, path, query, json.loads(body) if body else {})
                self.took_effect(what)
                for loss in list(forge.losses):
                    loss(self.command, path)
            self.answer(status, b'' if result is None else json.dumps(result).encode())
        except Refused as refused:
            forge.log.append(f'{what} {refused.status}')
            self.answer(refused.status, json.dumps({'message': refused.message}).encode(), refused.headers)


def once(count, status, headers=(), only=None):
    """A fault or loss: the first `count` calls (of a method, where one is given) are answered with `status`."""
    left = [count]

    def fault(method, path):
        if left[0] > 0 and (only is None or only == method):
            left[0] -= 1
            raise Refused(status, 'busy', headers)
    return fault


def in_seconds(n):
    return str(int(time.time()) + n)
