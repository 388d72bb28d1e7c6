<?php
/*
 * PHP's side: the variables that destructors can get at, and the classes. The
 * same as in destructors.c.
 */
final class S
{
    public static $g0, $g1, $g2, $g3;
    public static $w0, $w1, $w2, $w3;
    public static $m0, $m1;
    public static $kept = [];
    public static $collecting = false;
    public static $direct = 0;
}

#[AllowDynamicProperties]
class Bare
{
    public $id;

    /* Keeps debug_zval_dump() from going on behind an object. */
    public function __debugInfo()
    {
        return ['id' => $this->id];
    }
}

class Plain extends Bare
{
    public $a, $b, $c;
}

class Log extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
    }
}

class Rescue extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        S::$kept[(int) $this->id] = $this;
    }
}

class KeepLink extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        S::$kept[(int) $this->id] = $this->a ?? null;
    }
}

class Litter extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $fresh = new Plain;
        $fresh->id = (int) $this->id + 1000;
        $fresh->a = $fresh;
        unset($fresh);
    }
}

class Breed extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        if ($this->id < 3000) {
            $fresh = new Breed;
            $fresh->id = (int) $this->id + 1000;
            $fresh->a = $fresh;
            unset($fresh);
        }
    }
}

/* Makes a new object part of the cycle that it is in itself. */
class Entangle extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $fresh = new Plain;
        $fresh->id = (int) $this->id + 1000;
        $fresh->a = $this;
        $this->c = $fresh;
        unset($fresh);
    }
}

class Loop extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $this->c = $this;
    }
}

class Swap extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $a = $this->a ?? null;
        $this->a = $this->b ?? null;
        $this->b = $a ?? null;
        unset($a);
    }
}

/* Takes a link from an object that it is linked to. */
class Steal extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $victim = $this->a ?? null;
        if ($victim instanceof Plain) {
            $this->b = $victim->b ?? null;
            $victim->b = null;
        }
        unset($victim);
    }
}

class Attach extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        if (S::$g3 instanceof Plain) {
            S::$g3->a = $this;
        }
    }
}

class Enlist extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        if (is_array(S::$g2)) {
            S::$g2[] = $this;
        }
    }
}

class Adopt extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $this->c = S::$g2 ?? null;
    }
}

class Unlink extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        $this->a = null;
        unset($this->b);
    }
}

class Collect extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        if (S::$collecting || $this->id === S::$direct) {
            $fresh = new Plain;
            $fresh->a = $fresh;
            unset($fresh);
            $was = S::$collecting;
            S::$collecting = true;
            $freed = gc_collect_cycles();
            S::$collecting = $was;
            echo '~', (int) $this->id, " collected $freed\n";
        }
    }
}

class DropGlobal extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        S::$g0 = null;
    }
}

class TakeGlobal extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        S::$g1 = $this;
    }
}

class Peek extends Plain
{
    public function __destruct()
    {
        echo '~', (int) $this->id, "\n";
        if (S::$collecting) {
            $seen = WeakReference::create($this);
            echo '~', (int) $this->id, ' sees itself ', (int) ($seen === S::$w0), "\n";
            $seen = $seen->get();
        } elseif ($this->id === S::$direct) {
            $seen = S::$w0?->get();
            echo '~', (int) $this->id, ' sees ', $seen === null ? 'none' : (int) $seen->id, "\n";
        }
        unset($seen);
    }
}
