"""GitHub's API, as far as unroot-bot needs it (docs.github.com/rest)."""

import base64
import re
import urllib.parse

from forge import Forge, Refused


class GitHub(Forge):
    api_path = '/api/v3'
    scheme = 'Bearer'
    kind = 'github'
    token_name = 'GH_TOKEN'
    api_name = 'GITHUB_API_URL'

    def repository_json(self, r):
        return {'id': r.number, 'full_name': r.full_name, 'name': r.name, 'owner': {'login': r.owner},
                'default_branch': r.branch, 'clone_url': f'{self.url}/{r.full_name}.git', 'archived': r.archived,
                'permissions': {'pull': True, 'push': not r.read_only}}

    def request_json(self, repository, request):
        owner = request['source'].split('/')[0]
        return {'number': request['number'], 'state': request['state'], 'title': request['title'],
                'body': request['body'], 'draft': request['draft'],
                'merged_at': '2024-01-01T00:00:00Z' if request['merged'] else None,
                'html_url': f"{self.url}/{repository.full_name}/pull/{request['number']}",
                'labels': [{'name': name} for name in request['labels']],
                'head': {'ref': request['branch'], 'label': f"{owner}:{request['branch']}"},
                'base': {'ref': request['base']}}

    def handle(self, method, path, query, body):
        match = re.fullmatch(r'/repos/([^/]+/[^/]+)(?:/(.*))?', path)
        if not match:
            raise Refused(404, 'Not Found')
        repository, rest = self.find(urllib.parse.unquote(match[1])), match[2] or ''
        for pattern, verb, function in self.routes:
            found = re.fullmatch(pattern, rest)
            if found and verb == method:
                return function(self, repository, query, body, *map(urllib.parse.unquote, found.groups()))
        raise Refused(404, 'Not Found')

    def get_repository(self, repository, query, body):
        return 200, self.repository_json(repository)

    def list_requests(self, repository, query, body):
        found = [r for r in reversed(repository.requests)
                 if query['head'] == f"{r['source'].split('/')[0]}:{r['branch']}" and query['base'] == r['base']]
        return 200, [self.request_json(repository, r) for r in found]

    def post_request(self, repository, query, body):
        owner, _, branch = body['head'].rpartition(':')
        source = repository if owner in ('', repository.owner) else self.find(f'{owner}/{repository.name}')
        request = self.open_request(repository, source, branch, body['base'], body['title'], body['body'],
                                    body.get('draft', False))
        return 201, self.request_json(repository, request)

    def patch_request(self, repository, query, body, number):
        request = self.request_of(repository, number)
        request.update({k: v for k, v in body.items() if k in ('title', 'body', 'state')})
        return 200, self.request_json(repository, request)

    def add_labels(self, repository, query, body, number):
        request = self.request_of(repository, number)
        request['labels'] += [name for name in body['labels'] if name not in request['labels']]
        return 200, [{'name': name} for name in request['labels']]

    def post_blob(self, repository, query, body):
        content = body['content'].encode()
        if body.get('encoding') == 'base64':
            content = base64.b64decode(content)
        return 201, {'sha': repository.git('hash-object', '-w', '--stdin', text=content)}

    def post_tree(self, repository, query, body):
        files = {}
        for entry in body['tree']:
            blob = entry.get('sha')
            content = repository.git('cat-file', 'blob', blob, binary=True) if blob else entry['content']
            files[entry['path']] = (entry['mode'], content)
        return 201, {'sha': repository.tree(body['base_tree'], files)}

    def post_commit(self, repository, query, body):
        parents = [word for parent in body['parents'] for word in ('-p', parent)]
        sha = repository.git('commit-tree', body['tree'], *parents, text=body['message'].encode())
        return 201, {'sha': sha}

    def post_ref(self, repository, query, body):
        if repository.commit_of(body['ref'].removeprefix('refs/heads/')):
            raise Refused(422, 'Reference already exists')
        repository.git('update-ref', body['ref'], body['sha'])
        return 201, {'ref': body['ref']}

    def patch_ref(self, repository, query, body, ref):
        if not repository.commit_of(ref.removeprefix('heads/')):
            raise Refused(422, 'Reference does not exist')
        repository.git('update-ref', f'refs/{ref}', body['sha'])
        return 200, {'ref': ref}

    def delete_ref(self, repository, query, body, ref):
        if not repository.commit_of(ref.removeprefix('heads/')):
            raise Refused(422, 'Reference does not exist')
        repository.git('update-ref', '-d', f'refs/{ref}')
        self.branch_gone(repository, ref.removeprefix('heads/'))
        return 204, None

    def fork(self, repository, query, body):
        return 202, self.repository_json(self.fork_of(repository))

    def list_commits(self, repository, query, body):
        return 200, []

    def list_files(self, repository, query, body, number):
        request = self.request_of(repository, number)
        diff = repository.git('diff', f"{request['base']}...{request['branch']}")
        files = []
        for part in re.split(r'^diff --git ', diff, flags=re.M)[1:]:
            name = re.search(r'^\+\+\+ b/(.*)$', part, re.M)
            at = part.find('@@')
            if name and at >= 0:
                files.append({'filename': name[1], 'status': 'modified', 'patch': part[at:]})
        return 200, files

    def list_reviews(self, repository, query, body, number):
        return 200, [{'body': review['body']} for review in self.request_of(repository, number)['reviews']]

    def post_review(self, repository, query, body, number):
        self.request_of(repository, number)['reviews'].append(body)
        return 200, {'id': 1}

    routes = [
        ('', 'GET', get_repository),
        ('pulls', 'GET', list_requests),
        ('pulls', 'POST', post_request),
        (r'pulls/(\d+)', 'PATCH', patch_request),
        (r'pulls/(\d+)/files', 'GET', list_files),
        (r'pulls/(\d+)/reviews', 'GET', list_reviews),
        (r'pulls/(\d+)/reviews', 'POST', post_review),
        (r'issues/(\d+)/labels', 'POST', add_labels),
        ('git/blobs', 'POST', post_blob),
        ('git/trees', 'POST', post_tree),
        ('git/commits', 'POST', post_commit),
        ('git/refs', 'POST', post_ref),
        ('git/refs/([^/]+)', 'PATCH', patch_ref),
        ('git/refs/([^/]+)', 'DELETE', delete_ref),
        ('forks', 'POST', fork),
        ('commits', 'GET', list_commits),
    ]
